SELECT limits.name, limits.period_ms, limits.declared, limits.chosen, limits.next_at 
FROM limits WITH (ROWLOCK, UPDLOCK, HOLDLOCK, FORCESEEK) 
WHERE limits.name IN (SELECT r.name 
FROM (SELECT name COLLATE Latin1_General_100_BIN2 AS name FROM OPENJSON(:rows) WITH (name NVARCHAR(4000) '$[0]')) AS r) ORDER BY limits.name
