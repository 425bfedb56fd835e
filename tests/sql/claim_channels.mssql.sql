SELECT TOP __[POSTCOMPILE_param_1] processes.channel 
FROM processes WITH (READPAST, READCOMMITTEDLOCK) 
WHERE processes.due_at IS NOT NULL AND processes.channel > :after ORDER BY processes.channel
