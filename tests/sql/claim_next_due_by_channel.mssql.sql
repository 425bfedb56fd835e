SELECT min(due.due_at) AS min_1 
FROM (SELECT first_0.due_at AS due_at 
FROM (SELECT TOP __[POSTCOMPILE_param_1] processes.due_at AS due_at 
FROM processes WITH (READPAST, READCOMMITTEDLOCK) 
WHERE processes.name = __[POSTCOMPILE_name_0] AND processes.version = __[POSTCOMPILE_version_0] AND processes.step IN (__[POSTCOMPILE_steps_0]) AND processes.channel = __[POSTCOMPILE_channel_0] AND processes.due_at IS NOT NULL ORDER BY processes.due_at) AS first_0) AS due
