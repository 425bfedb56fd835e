SELECT processes.order_key, processes.id, CASE WHEN (processes.status = 'waiting'::VARCHAR AND processes.waiting_for = 'lane'::VARCHAR) THEN 1::INTEGER ELSE 0::INTEGER END AS rests 
FROM processes 
WHERE processes.order_key > :after::VARCHAR AND processes.order_key IS NOT NULL AND processes.finished_at IS NULL ORDER BY processes.order_key, processes.order_position, processes.id 
 LIMIT :count::INTEGER
