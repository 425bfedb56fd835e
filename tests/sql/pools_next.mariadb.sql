SELECT r.name, r.version, (SELECT processes.pool 
FROM processes 
WHERE processes.waiting_for = 'platform' AND processes.name = r.name AND processes.version = r.version AND processes.pool > r.pool ORDER BY processes.pool 
 LIMIT 1) AS following 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (name VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[0]', version BIGINT PATH '$[1]', pool VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[2]')) AS r
