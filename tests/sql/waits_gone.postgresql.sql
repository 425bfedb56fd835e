SELECT event_waits.process_id 
FROM event_waits JOIN processes ON processes.id = event_waits.process_id 
WHERE event_waits.is_open = 1 AND NOT (processes.status = 'waiting' AND processes.waiting_for = 'event') ORDER BY event_waits.process_id 
 LIMIT 250
