SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, processes.order_key AS place 
FROM processes JOIN (SELECT processes.order_key AS order_key, min(processes.id) AS head 
FROM processes 
WHERE processes.order_key IS NOT NULL AND processes.finished_at IS NULL GROUP BY processes.order_key) AS heads ON processes.id = heads.head 
WHERE processes.status = 'waiting'::VARCHAR AND processes.waiting_for = 'lane'::VARCHAR) AS found ORDER BY found.id, found.place 
 LIMIT 5::INTEGER
