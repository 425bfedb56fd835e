DELETE FROM processes FROM processes WITH (ROWLOCK, FORCESEEK), (SELECT id AS id FROM OPENJSON(:rows) WITH (id BIGINT '$[0]')) AS r WHERE processes.id = r.id
