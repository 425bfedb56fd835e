SELECT processes.id 
FROM processes FORCE INDEX (PRIMARY), JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]')) AS r 
WHERE processes.id = r.id
