SELECT min(due.channel) AS min_1 
FROM (SELECT first_0.channel AS channel 
FROM (SELECT TOP __[POSTCOMPILE_param_1] processes.channel AS channel 
FROM processes WITH (READPAST, READCOMMITTEDLOCK) 
WHERE processes.name = __[POSTCOMPILE_name_0] AND processes.version = __[POSTCOMPILE_version_0] AND processes.channel > :after AND processes.due_at IS NOT NULL ORDER BY processes.channel) AS first_0 UNION ALL SELECT first_1.channel AS channel 
FROM (SELECT TOP __[POSTCOMPILE_param_2] processes.channel AS channel 
FROM processes WITH (READPAST, READCOMMITTEDLOCK) 
WHERE processes.name = __[POSTCOMPILE_name_1] AND processes.version = __[POSTCOMPILE_version_1] AND processes.channel > :after AND processes.due_at IS NOT NULL ORDER BY processes.channel) AS first_1) AS due
