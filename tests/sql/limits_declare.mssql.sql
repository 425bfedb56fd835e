INSERT INTO limits (name, period_ms, declared, versions) SELECT r.name, r.period_ms, r.declared, r.versions 
FROM (SELECT name COLLATE Latin1_General_100_BIN2 AS name, period_ms AS period_ms, declared AS declared, versions AS versions FROM OPENJSON(:rows) WITH (name NVARCHAR(4000) '$[0]', period_ms BIGINT '$[1]', declared BIGINT '$[2]', versions NVARCHAR(max) '$[3]')) AS r 
WHERE NOT (EXISTS (SELECT limits.name 
FROM limits WITH (ROWLOCK, UPDLOCK, HOLDLOCK, FORCESEEK) 
WHERE limits.name = r.name))
