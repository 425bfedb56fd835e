SELECT processes.id, processes.order_position 
FROM processes 
WHERE processes.order_key = :key AND processes.order_key IS NOT NULL AND processes.finished_at IS NULL AND processes.status = 'waiting' AND coalesce(processes.waiting_for, '') = 'lane' AND processes.order_position IS NOT NULL ORDER BY processes.order_key DESC, processes.order_position DESC, processes.id DESC 
 LIMIT 1
