INSERT INTO limits (name, period_ms, declared, versions) SELECT r.name, r.period_ms, r.declared, r.versions 
FROM (SELECT (value ->> 0) AS name, CAST(value ->> 1 AS BIGINT) AS period_ms, CAST(value ->> 2 AS BIGINT) AS declared, (value ->> 3) AS versions FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r 
WHERE NOT (EXISTS (SELECT limits.name 
FROM limits 
WHERE limits.name = r.name)) ON CONFLICT DO NOTHING
