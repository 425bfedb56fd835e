SELECT processes.id, processes.fence 
FROM processes, (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS fence FROM json_each(:rows)) AS r 
WHERE processes.id = r.id AND processes.fence = r.fence AND processes.due_at IS NOT NULL
