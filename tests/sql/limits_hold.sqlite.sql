SELECT limits.name, limits.period_ms, limits.declared, limits.chosen, limits.next_at 
FROM limits 
WHERE limits.name IN (SELECT r.name 
FROM (SELECT json_extract(value, '$[0]') AS name FROM json_each(:rows)) AS r) ORDER BY limits.name
