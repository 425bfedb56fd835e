SELECT r.[key], (SELECT event_waits.process_id 
FROM event_waits WITH (FORCESEEK) 
WHERE event_waits.[key] = r.[key] AND event_waits.is_open = 1 ORDER BY event_waits.process_id
 OFFSET 1000 ROWS
 FETCH FIRST 1 ROWS ONLY) AS last 
FROM (SELECT [key] COLLATE Latin1_General_100_BIN2 AS [key] FROM OPENJSON(:rows) WITH ([key] NVARCHAR(4000) '$[0]')) AS r
