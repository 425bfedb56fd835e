SELECT processes.id 
FROM processes WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK), (SELECT id AS id FROM OPENJSON(:rows) WITH (id BIGINT '$[0]')) AS r 
WHERE processes.id = r.id
