INSERT INTO events ([key]) SELECT r.[key] 
FROM (SELECT [key] COLLATE Latin1_General_100_BIN2 AS [key] FROM OPENJSON(:rows) WITH ([key] NVARCHAR(4000) '$[0]')) AS r 
WHERE NOT (EXISTS (SELECT events.[key] 
FROM events WITH (ROWLOCK, UPDLOCK, HOLDLOCK, FORCESEEK) 
WHERE events.[key] = r.[key]))
