SELECT limits.name, limits.period_ms, limits.declared, limits.chosen, limits.next_at 
FROM limits 
WHERE limits.name IN (SELECT r.name 
FROM (SELECT (value ->> 0) AS name FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r) ORDER BY limits.name FOR UPDATE
