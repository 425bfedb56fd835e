DELETE FROM processes WHERE (processes.id) IN (SELECT r.id 
FROM (SELECT json_extract(value, '$[0]') AS id FROM json_each(:rows)) AS r)
