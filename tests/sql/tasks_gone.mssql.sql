SELECT tasks.process_id 
FROM tasks JOIN processes ON processes.id = tasks.process_id 
WHERE tasks.is_open = 1 AND NOT (processes.status = 'waiting' AND processes.waiting_for = 'event' AND processes.seq = tasks.seq) ORDER BY tasks.process_id
 OFFSET 0 ROWS
 FETCH FIRST 100 ROWS ONLY
