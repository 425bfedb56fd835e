SELECT TOP 5 found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, processes.order_key AS place 
FROM processes JOIN (SELECT numbered.order_key AS order_key, numbered.id AS id 
FROM (SELECT processes.order_key AS order_key, processes.id AS id, row_number() OVER (PARTITION BY processes.order_key ORDER BY processes.order_position, processes.id) AS place 
FROM processes 
WHERE processes.order_key IS NOT NULL AND processes.finished_at IS NULL) AS numbered 
WHERE numbered.place = 1) AS heads ON heads.order_key = processes.order_key AND heads.id != processes.id 
WHERE processes.order_key IS NOT NULL AND processes.finished_at IS NULL AND (processes.due_at IS NOT NULL OR processes.status = 'running') AND NOT (processes.order_position IS NOT NULL AND (processes.seq > 0 OR processes.status = 'running'))) AS found ORDER BY found.id, found.place
