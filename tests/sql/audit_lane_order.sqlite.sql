SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, processes.order_key AS place 
FROM processes JOIN (SELECT processes.order_key AS order_key, min(processes.id) AS head 
FROM processes 
WHERE processes.order_key IS NOT NULL AND processes.finished_at IS NULL GROUP BY processes.order_key) AS heads ON heads.order_key = processes.order_key AND processes.id > heads.head 
WHERE processes.order_key IS NOT NULL AND processes.finished_at IS NULL AND (processes.due_at IS NOT NULL OR processes.status = 'running')) AS found ORDER BY found.id, found.place
 LIMIT 5 OFFSET 0
