SELECT processes.id, CASE WHEN (processes.status = 'waiting' AND processes.waiting_for = 'event' AND NOT (EXISTS (SELECT * 
FROM event_waits 
WHERE event_waits.process_id = processes.id AND event_waits.is_open = 1)) AND NOT (EXISTS (SELECT * 
FROM tasks 
WHERE tasks.process_id = processes.id AND tasks.seq = processes.seq AND tasks.is_open = 1))) THEN 1 ELSE 0 END AS anon_1 
FROM processes FORCE INDEX (PRIMARY) 
WHERE processes.id IN (__[POSTCOMPILE_picked]) ORDER BY processes.id FOR UPDATE SKIP LOCKED
