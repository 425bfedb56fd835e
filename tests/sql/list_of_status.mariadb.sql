SELECT processes.id 
FROM processes 
WHERE processes.status IN (__[POSTCOMPILE_statuses_1]) ORDER BY processes.id DESC
