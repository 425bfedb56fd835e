INSERT INTO events ("key") SELECT r."key" 
FROM (SELECT json_extract(value, '$[0]') AS "key" FROM json_each(:rows)) AS r 
WHERE NOT (EXISTS (SELECT events."key" 
FROM events 
WHERE events."key" = r."key"))
