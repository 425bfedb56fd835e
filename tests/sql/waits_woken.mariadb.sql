UPDATE event_waits SET is_open=0, woken_number=:to_number, woken_seq=(SELECT processes.seq + 1 AS anon_1 
FROM processes 
WHERE processes.id = event_waits.process_id) WHERE event_waits.process_id IN (__[POSTCOMPILE_picked]) AND event_waits.`key` = :of_key AND event_waits.is_open = 1 AND event_waits.number < :to_number
