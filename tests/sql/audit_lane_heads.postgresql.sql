SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT min(processes.id) AS id, processes.order_key AS place 
FROM processes 
WHERE processes.order_key IS NOT NULL AND processes.finished_at IS NULL GROUP BY processes.order_key 
HAVING sum(CASE WHEN (processes.status = 'waiting'::VARCHAR AND processes.waiting_for = 'lane'::VARCHAR) THEN 0::INTEGER ELSE 1::INTEGER END) = 0::INTEGER) AS found ORDER BY found.id, found.place 
 LIMIT 5::INTEGER
