WITH held AS 
(SELECT processes.id AS id 
FROM processes, (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS fence FROM json_each(:rows)) AS r 
WHERE processes.id = r.id AND processes.fence = r.fence AND processes.status = 'running')
 UPDATE processes SET lease_ends_at=:lease_end FROM held WHERE processes.id = held.id RETURNING id
