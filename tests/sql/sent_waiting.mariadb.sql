SELECT processes.id, processes.fence 
FROM processes FORCE INDEX (PRIMARY), JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]', fence BIGINT PATH '$[1]')) AS r 
WHERE processes.id = r.id AND processes.fence = r.fence AND processes.due_at IS NOT NULL
