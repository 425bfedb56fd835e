SELECT processes.id 
FROM processes 
WHERE processes.status IN (__[POSTCOMPILE_statuses_1]) AND processes.status IN ('failed', 'uncertain', 'quarantined', 'rejected', 'abandoned') ORDER BY processes.id DESC
