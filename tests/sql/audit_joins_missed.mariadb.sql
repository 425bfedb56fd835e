SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, processes.step AS place 
FROM processes INNER JOIN joins ON joins.parent_id = processes.id 
WHERE joins.waits != '' AND NOT (EXISTS (SELECT * 
FROM event_waits 
WHERE event_waits.process_id = processes.id AND event_waits.is_open = 1)) AND processes.status = 'waiting' AND processes.waiting_for = 'event' AND processes.due_at IS NULL AND joins.open = 0 AND processes.updated_at < :long_ago) AS found ORDER BY found.id, found.place 
 LIMIT 5
