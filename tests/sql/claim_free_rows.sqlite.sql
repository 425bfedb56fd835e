SELECT processes.id 
FROM processes, (SELECT json_extract(value, '$[0]') AS id FROM json_each(:rows)) AS r 
WHERE processes.id = r.id
