SELECT TOP 5 found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, processes.worker AS place 
FROM processes 
WHERE processes.lease_ends_at < :long_ago AND processes.status = 'running') AS found ORDER BY found.id, found.place
