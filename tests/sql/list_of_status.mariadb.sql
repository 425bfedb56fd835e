SELECT processes.id 
FROM processes 
WHERE processes.status IN (__[POSTCOMPILE_statuses]) ORDER BY processes.id DESC
