SELECT events."key", events.number, events.stated_at 
FROM events 
WHERE events."key" IN (SELECT r."key" 
FROM (SELECT json_extract(value, '$[0]') AS "key" FROM json_each(:rows)) AS r) ORDER BY events."key"
