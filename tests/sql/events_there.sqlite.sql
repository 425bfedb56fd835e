SELECT events."key" 
FROM events 
WHERE events."key" IN (SELECT r."key" 
FROM (SELECT json_extract(value, '$[0]') AS "key" FROM json_each(:rows)) AS r)
