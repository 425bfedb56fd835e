UPDATE lanes SET handled=:new_handled::VARCHAR, supersedes=NULL, spacing_ms=NULL, free_at=:new_free_at::TIMESTAMP WITH TIME ZONE WHERE lanes.order_key = :which::VARCHAR
