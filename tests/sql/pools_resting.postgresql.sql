SELECT processes.id 
FROM processes 
WHERE processes.waiting_for = 'platform' AND processes.name = :name::VARCHAR AND processes.version = :version::INTEGER AND processes.pool = :pool::VARCHAR AND processes.due_at > :now::TIMESTAMP WITH TIME ZONE ORDER BY processes.pool_since, processes.id 
 LIMIT :count::INTEGER FOR UPDATE SKIP LOCKED
