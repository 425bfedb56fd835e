UPDATE tasks SET next_at=NULL, is_open=0 WHERE tasks.process_id IN (__[POSTCOMPILE_picked]) AND tasks.is_open = 1
