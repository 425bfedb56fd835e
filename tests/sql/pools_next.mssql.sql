SELECT r.name, r.version, (SELECT processes.pool 
FROM processes WITH (READPAST, READCOMMITTEDLOCK, FORCESEEK) 
WHERE processes.waiting_for = 'platform' AND processes.name = r.name AND processes.version = r.version AND processes.pool > r.pool ORDER BY processes.pool
 OFFSET 0 ROWS
 FETCH FIRST 1 ROWS ONLY) AS following 
FROM (SELECT name COLLATE Latin1_General_100_BIN2 AS name, version AS version, pool COLLATE Latin1_General_100_BIN2 AS pool FROM OPENJSON(:rows) WITH (name NVARCHAR(4000) '$[0]', version BIGINT '$[1]', pool NVARCHAR(4000) '$[2]')) AS r
