SELECT processes.id 
FROM processes WITH (NOLOCK, FORCESEEK), (SELECT id AS id FROM OPENJSON(:rows) WITH (id BIGINT '$[0]')) AS r 
WHERE processes.id = r.id
