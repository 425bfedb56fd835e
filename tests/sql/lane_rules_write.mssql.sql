UPDATE lanes SET handled=:new_handled, supersedes=NULL, spacing_ms=NULL, free_at=:new_free_at WHERE lanes.order_key = :which
