SELECT limits.name, limits.period_ms, limits.declared, limits.chosen, limits.next_at 
FROM limits 
WHERE limits.name IN (SELECT r.name 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (name VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS r) ORDER BY limits.name FOR UPDATE SKIP LOCKED
