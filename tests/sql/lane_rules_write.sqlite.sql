UPDATE lanes SET handled=:new_handled, supersedes=:new_supersedes, spacing_ms=:new_spacing_ms, free_at=:new_free_at WHERE lanes.order_key = :which
