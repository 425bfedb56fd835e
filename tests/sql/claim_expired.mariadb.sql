SELECT processes.id 
FROM processes 
WHERE processes.lease_ends_at < :now AND processes.status = 'running' ORDER BY processes.lease_ends_at 
 LIMIT :count FOR UPDATE SKIP LOCKED
