SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT numbered.process_id AS id, min(numbered.seq) AS place 
FROM (SELECT process_steps.process_id AS process_id, process_steps.seq AS seq, row_number() OVER (PARTITION BY process_steps.process_id ORDER BY process_steps.seq) AS place 
FROM process_steps) AS numbered 
WHERE numbered.seq != numbered.place GROUP BY numbered.process_id) AS found ORDER BY found.id, found.place 
 LIMIT 5::INTEGER
