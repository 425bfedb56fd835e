SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, processes.step AS place 
FROM processes 
WHERE processes.status = 'waiting'::VARCHAR AND processes.waiting_for = 'event'::VARCHAR AND NOT (EXISTS (SELECT * 
FROM event_waits 
WHERE event_waits.process_id = processes.id AND event_waits.is_open = 1::INTEGER)) AND NOT (EXISTS (SELECT * 
FROM joins 
WHERE joins.parent_id = processes.id AND joins.waits != ''::VARCHAR)) AND NOT (EXISTS (SELECT * 
FROM tasks 
WHERE tasks.process_id = processes.id AND tasks.is_open = 1::INTEGER AND tasks.seq = processes.seq))) AS found ORDER BY found.id, found.place 
 LIMIT 5::INTEGER
