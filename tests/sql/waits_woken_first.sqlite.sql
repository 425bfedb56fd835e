SELECT event_waits.process_id 
FROM event_waits 
WHERE event_waits."key" = :of_key AND event_waits.is_open = 1 AND event_waits.number < :to_number ORDER BY event_waits.process_id
 LIMIT 250 OFFSET 0
