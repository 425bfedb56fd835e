SELECT due.id, due.fence 
FROM (SELECT anon_1.id AS id, anon_1.fence AS fence, anon_1.due_at AS due_at 
FROM (SELECT processes.id AS id, processes.fence AS fence, processes.due_at AS due_at 
FROM processes 
WHERE processes.name = :name_0 AND processes.version = :version_0 AND processes.step IN (__[POSTCOMPILE_steps_0]) AND processes.channel = :channel_0 AND processes.due_at <= :now ORDER BY processes.due_at, processes.id
 LIMIT :count OFFSET 0) AS anon_1 UNION ALL SELECT anon_2.id AS id, anon_2.fence AS fence, anon_2.due_at AS due_at 
FROM (SELECT processes.id AS id, processes.fence AS fence, processes.due_at AS due_at 
FROM processes 
WHERE processes.name = :name_1 AND processes.version = :version_1 AND processes.step IN (__[POSTCOMPILE_steps_1]) AND processes.channel = :channel_1 AND processes.due_at <= :now ORDER BY processes.due_at, processes.id
 LIMIT :count OFFSET 0) AS anon_2) AS due ORDER BY due.due_at, due.id
 LIMIT :count OFFSET 0
