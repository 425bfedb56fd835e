WITH held AS 
(SELECT processes.id AS id 
FROM processes WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK, FORCESEEK), (SELECT id AS id, fence AS fence FROM OPENJSON(:rows) WITH (id BIGINT '$[0]', fence BIGINT '$[1]')) AS r 
WHERE processes.id = r.id AND processes.fence = r.fence AND processes.status = 'running')
 UPDATE processes SET lease_ends_at=:lease_end OUTPUT inserted.id FROM processes WITH (ROWLOCK, FORCESEEK), held WHERE processes.id = held.id
