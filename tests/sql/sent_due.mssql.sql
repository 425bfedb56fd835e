SELECT due.id, due.fence 
FROM (SELECT anon_1.id AS id, anon_1.fence AS fence, anon_1.due_at AS due_at 
FROM (SELECT processes.id AS id, processes.fence AS fence, processes.due_at AS due_at 
FROM processes WITH (READPAST, READCOMMITTEDLOCK) 
WHERE processes.name = __[POSTCOMPILE_name_0] AND processes.version = __[POSTCOMPILE_version_0] AND processes.step IN (__[POSTCOMPILE_steps_0]) AND processes.channel = __[POSTCOMPILE_channel_0] AND processes.due_at <= :now ORDER BY processes.due_at, processes.id
 OFFSET 0 ROWS
 FETCH FIRST :count ROWS ONLY) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.fence AS fence, anon_2.due_at AS due_at 
FROM (SELECT processes.id AS id, processes.fence AS fence, processes.due_at AS due_at 
FROM processes WITH (READPAST, READCOMMITTEDLOCK) 
WHERE processes.name = __[POSTCOMPILE_name_1] AND processes.version = __[POSTCOMPILE_version_1] AND processes.step IN (__[POSTCOMPILE_steps_1]) AND processes.channel = __[POSTCOMPILE_channel_1] AND processes.due_at <= :now ORDER BY processes.due_at, processes.id
 OFFSET 0 ROWS
 FETCH FIRST :count ROWS ONLY) AS anon_2) AS due ORDER BY due.due_at, due.id
 OFFSET 0 ROWS
 FETCH FIRST :count ROWS ONLY
