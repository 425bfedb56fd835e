INSERT INTO children (parent_id, key, process_id) SELECT r.parent_id, r.key, r.process_id 
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS parent_id, (value ->> 1) AS key, CAST(value ->> 2 AS BIGINT) AS process_id FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r
