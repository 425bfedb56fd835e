SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT min(processes.id) AS id, processes.order_key AS place 
FROM processes 
WHERE processes.order_key IS NOT NULL AND processes.finished_at IS NULL AND processes.status = 'running' GROUP BY processes.order_key 
HAVING count(*) > 1) AS found ORDER BY found.id, found.place 
 LIMIT 5
