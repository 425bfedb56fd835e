SELECT processes.id, CASE WHEN (processes.status = 'waiting' AND processes.waiting_for = 'event') THEN 1 ELSE 0 END AS anon_1 
FROM processes 
WHERE processes.id IN (__[POSTCOMPILE_picked]) ORDER BY processes.id
