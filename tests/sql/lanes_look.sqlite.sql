SELECT processes.order_key, processes.id, CASE WHEN (processes.status = 'waiting' AND processes.waiting_for = 'lane') THEN 1 ELSE 0 END AS rests 
FROM processes 
WHERE processes.order_key > :after AND processes.order_key IS NOT NULL AND processes.finished_at IS NULL ORDER BY processes.order_key, processes.order_position, processes.id
 LIMIT :count OFFSET 0
