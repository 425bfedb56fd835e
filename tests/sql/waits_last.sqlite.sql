SELECT r."key", (SELECT event_waits.process_id 
FROM event_waits 
WHERE event_waits."key" = r."key" AND event_waits.is_open = 1 ORDER BY event_waits.process_id
 LIMIT 1 OFFSET 1000) AS last 
FROM (SELECT json_extract(value, '$[0]') AS "key" FROM json_each(:rows)) AS r
