SELECT r.name, r.version, (SELECT processes.pool 
FROM processes 
WHERE processes.waiting_for = 'platform' AND processes.name = r.name AND processes.version = r.version AND processes.pool > r.pool ORDER BY processes.pool
 LIMIT 1 OFFSET 0) AS following 
FROM (SELECT json_extract(value, '$[0]') AS name, json_extract(value, '$[1]') AS version, json_extract(value, '$[2]') AS pool FROM json_each(:rows)) AS r
