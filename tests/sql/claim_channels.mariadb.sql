SELECT min(due.channel) AS min_1 
FROM (SELECT first_0.channel AS channel 
FROM (SELECT processes.channel AS channel 
FROM processes 
WHERE processes.name = :name_0 AND processes.version = :version_0 AND processes.channel > :after ORDER BY processes.channel 
 LIMIT 1) AS first_0 UNION ALL SELECT first_1.channel AS channel 
FROM (SELECT processes.channel AS channel 
FROM processes 
WHERE processes.name = :name_1 AND processes.version = :version_1 AND processes.channel > :after ORDER BY processes.channel 
 LIMIT 1) AS first_1) AS due
