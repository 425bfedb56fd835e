SELECT TOP 5 found.id, found.place, count(*) OVER () AS total 
FROM (SELECT min(processes.id) AS id, processes.command_key AS place 
FROM processes 
WHERE processes.command_key IS NOT NULL AND processes.finished_at IS NULL GROUP BY processes.command_key 
HAVING count(*) > 1) AS found ORDER BY found.id, found.place
