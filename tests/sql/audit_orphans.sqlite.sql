SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT process_steps.process_id AS id, 'history' AS place 
FROM process_steps 
WHERE NOT (EXISTS (SELECT * 
FROM processes 
WHERE processes.id = process_steps.process_id)) UNION SELECT evidence.process_id AS id, 'evidence' AS place 
FROM evidence 
WHERE NOT (EXISTS (SELECT * 
FROM processes 
WHERE processes.id = evidence.process_id))) AS found ORDER BY found.id, found.place
 LIMIT 5 OFFSET 0
