SELECT min(due.due_at) AS min_1 
FROM (SELECT first_0.due_at AS due_at 
FROM (SELECT processes.pool_since AS due_at 
FROM processes 
WHERE processes.name = :name_0::VARCHAR AND processes.version = :version_0::INTEGER AND processes.step = ANY (:steps_0::TEXT[]) AND processes.waiting_for = 'platform' AND processes.pool = :of_pool::VARCHAR ORDER BY processes.pool_since 
 LIMIT 1::INTEGER) AS first_0 UNION ALL SELECT first_1.due_at AS due_at 
FROM (SELECT processes.pool_since AS due_at 
FROM processes 
WHERE processes.name = :name_1::VARCHAR AND processes.version = :version_1::INTEGER AND processes.step = ANY (:steps_1::TEXT[]) AND processes.waiting_for = 'platform' AND processes.pool = :of_pool::VARCHAR ORDER BY processes.pool_since 
 LIMIT 1::INTEGER) AS first_1) AS due
