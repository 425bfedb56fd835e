UPDATE event_waits SET is_open=0 WHERE event_waits.process_id IN (__[POSTCOMPILE_picked]) AND event_waits.is_open = 1
