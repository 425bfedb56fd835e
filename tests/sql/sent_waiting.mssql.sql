SELECT processes.id, processes.fence 
FROM processes WITH (FORCESEEK), (SELECT id AS id, fence AS fence FROM OPENJSON(:rows) WITH (id BIGINT '$[0]', fence BIGINT '$[1]')) AS r 
WHERE processes.id = r.id AND processes.fence = r.fence AND processes.due_at IS NOT NULL
