UPDATE limits SET next_at=:moment WHERE limits.name = :which
