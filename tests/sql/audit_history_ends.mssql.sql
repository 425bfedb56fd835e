SELECT TOP 5 found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, processes.seq AS place 
FROM processes 
WHERE processes.seq > 0 AND NOT (EXISTS (SELECT * 
FROM process_steps 
WHERE process_steps.process_id = processes.id AND process_steps.seq = processes.seq)) UNION SELECT processes.id AS id, processes.seq AS place 
FROM processes JOIN process_steps ON process_steps.process_id = processes.id 
WHERE process_steps.seq > processes.seq) AS found ORDER BY found.id, found.place
