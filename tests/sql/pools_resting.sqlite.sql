SELECT processes.id 
FROM processes 
WHERE processes.waiting_for = 'platform' AND processes.name = :name AND processes.version = :version AND processes.pool = :pool AND processes.due_at > :now ORDER BY processes.pool_since, processes.id
 LIMIT :count OFFSET 0
