SELECT TOP 5 found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, CAST(tasks.id AS NVARCHAR(20)) AS place 
FROM processes JOIN tasks ON tasks.process_id = processes.id 
WHERE tasks.answered_at IS NOT NULL AND processes.status = 'waiting' AND processes.waiting_for = 'event' AND processes.seq = tasks.seq) AS found ORDER BY found.id, found.place
