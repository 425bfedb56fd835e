SELECT min(due.channel) AS min_1 
FROM (SELECT first_0.channel AS channel 
FROM (SELECT processes.channel AS channel 
FROM processes 
WHERE processes.name = :name_0::VARCHAR AND processes.version = :version_0::INTEGER AND processes.channel > :after::VARCHAR AND processes.due_at IS NOT NULL ORDER BY processes.channel 
 LIMIT 1::INTEGER) AS first_0 UNION ALL SELECT first_1.channel AS channel 
FROM (SELECT processes.channel AS channel 
FROM processes 
WHERE processes.name = :name_1::VARCHAR AND processes.version = :version_1::INTEGER AND processes.channel > :after::VARCHAR AND processes.due_at IS NOT NULL ORDER BY processes.channel 
 LIMIT 1::INTEGER) AS first_1) AS due
