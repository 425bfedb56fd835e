SELECT events.[key] 
FROM events WITH (NOLOCK, FORCESEEK) 
WHERE events.[key] IN (SELECT r.[key] 
FROM (SELECT [key] COLLATE Latin1_General_100_BIN2 AS [key] FROM OPENJSON(:rows) WITH ([key] NVARCHAR(4000) '$[0]')) AS r)
