SELECT TOP 5 found.id, found.place, count(*) OVER () AS total 
FROM (SELECT min(processes.id) AS id, processes.order_key AS place 
FROM processes 
WHERE processes.order_key IS NOT NULL AND processes.finished_at IS NULL GROUP BY processes.order_key 
HAVING sum(CASE WHEN (processes.status = 'waiting' AND processes.waiting_for = 'lane') THEN 0 ELSE 1 END) = 0) AS found ORDER BY found.id, found.place
