UPDATE limits SET next_at=:moment::TIMESTAMP WITH TIME ZONE WHERE limits.name = :which::VARCHAR
