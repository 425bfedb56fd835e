SELECT min(due.due_at) AS min_1 
FROM (SELECT first_0.due_at AS due_at 
FROM (SELECT processes.pool_since AS due_at 
FROM processes 
WHERE processes.name = :name_0 AND processes.version = :version_0 AND processes.step IN (__[POSTCOMPILE_steps_0]) AND processes.waiting_for = 'platform' AND processes.pool = :of_pool ORDER BY processes.pool_since
 LIMIT 1 OFFSET 0) AS first_0 UNION ALL SELECT first_1.due_at AS due_at 
FROM (SELECT processes.pool_since AS due_at 
FROM processes 
WHERE processes.name = :name_1 AND processes.version = :version_1 AND processes.step IN (__[POSTCOMPILE_steps_1]) AND processes.waiting_for = 'platform' AND processes.pool = :of_pool ORDER BY processes.pool_since
 LIMIT 1 OFFSET 0) AS first_1) AS due
