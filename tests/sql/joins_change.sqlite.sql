UPDATE joins SET open=:to_open, settled=:to_settled, waits=:to_waits, step_key=:to_step_key, seen=:to_seen, waking=:to_waking WHERE joins.parent_id = :to_parent_id
