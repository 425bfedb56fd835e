SELECT processes.id, looked_at.[key], CASE WHEN (processes.status = 'waiting' AND processes.waiting_for = 'event') THEN 1 ELSE 0 END AS rests 
FROM processes WITH (FORCESEEK) JOIN (SELECT TOP __[POSTCOMPILE_param_3] event_waits.[key] AS [key], event_waits.process_id AS process_id 
FROM event_waits 
WHERE event_waits.[key] > :of_key AND event_waits.is_open = 1 ORDER BY event_waits.[key], event_waits.process_id) AS looked_at ON processes.id = looked_at.process_id ORDER BY looked_at.[key], processes.id
