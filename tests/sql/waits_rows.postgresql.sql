SELECT processes.id, CASE WHEN (processes.status = 'waiting' AND processes.waiting_for = 'event') THEN 1::INTEGER ELSE 0::INTEGER END AS anon_1 
FROM processes 
WHERE processes.id IN (__[POSTCOMPILE_picked]) ORDER BY processes.id FOR NO KEY UPDATE OF processes SKIP LOCKED
