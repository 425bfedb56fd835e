INSERT INTO joins (parent_id, open, settled, seen, waking, waits, step_key) SELECT r.parent_id, 0 AS open, 0 AS settled, 0 AS seen, 0 AS waking, '' AS waits, '' AS step_key 
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS parent_id FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r 
WHERE NOT (EXISTS (SELECT joins.parent_id 
FROM joins 
WHERE joins.parent_id = r.parent_id)) ON CONFLICT DO NOTHING
