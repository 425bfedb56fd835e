SELECT min(due.due_at) AS min_1 
FROM (SELECT first_0.due_at AS due_at 
FROM (SELECT processes.due_at AS due_at 
FROM processes 
WHERE processes.name = :name_0 AND processes.version = :version_0 AND processes.step IN (__[POSTCOMPILE_steps_0]) AND processes.channel = :channel_0 AND processes.due_at IS NOT NULL ORDER BY processes.due_at
 LIMIT 1 OFFSET 0) AS first_0) AS due
