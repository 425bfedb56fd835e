SELECT children.[key] 
FROM children WITH (FORCESEEK), (SELECT parent_id AS parent_id, [key] COLLATE Latin1_General_100_BIN2 AS [key] FROM OPENJSON(:rows) WITH (parent_id BIGINT '$[0]', [key] NVARCHAR(4000) '$[1]')) AS r 
WHERE children.parent_id = r.parent_id AND children.[key] = r.[key]
