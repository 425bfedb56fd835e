SELECT event_waits.process_id 
FROM event_waits WITH (FORCESEEK) 
WHERE event_waits.[key] = :of_key AND event_waits.is_open = 1 AND event_waits.number < :to_number ORDER BY event_waits.process_id
 OFFSET 0 ROWS
 FETCH FIRST 250 ROWS ONLY
