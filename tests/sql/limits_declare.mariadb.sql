INSERT IGNORE INTO limits (name, period_ms, declared, versions) SELECT r.name, r.period_ms, r.declared, r.versions 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (name VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[0]', period_ms BIGINT PATH '$[1]', declared BIGINT PATH '$[2]', versions LONGTEXT PATH '$[3]')) AS r 
WHERE NOT (EXISTS (SELECT limits.name 
FROM limits 
WHERE limits.name = r.name))
