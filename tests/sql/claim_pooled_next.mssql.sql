SELECT min(due.due_at) AS min_1 
FROM (SELECT first_0.due_at AS due_at 
FROM (SELECT TOP __[POSTCOMPILE_param_1] processes.pool_since AS due_at 
FROM processes WITH (READPAST, READCOMMITTEDLOCK) 
WHERE processes.name = __[POSTCOMPILE_name_0] AND processes.version = __[POSTCOMPILE_version_0] AND processes.step IN (__[POSTCOMPILE_steps_0]) AND processes.waiting_for = 'platform' AND processes.pool = :of_pool ORDER BY processes.pool_since) AS first_0 UNION ALL SELECT first_1.due_at AS due_at 
FROM (SELECT TOP __[POSTCOMPILE_param_2] processes.pool_since AS due_at 
FROM processes WITH (READPAST, READCOMMITTEDLOCK) 
WHERE processes.name = __[POSTCOMPILE_name_1] AND processes.version = __[POSTCOMPILE_version_1] AND processes.step IN (__[POSTCOMPILE_steps_1]) AND processes.waiting_for = 'platform' AND processes.pool = :of_pool ORDER BY processes.pool_since) AS first_1) AS due
