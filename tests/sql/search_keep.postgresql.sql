INSERT INTO search_values (process_id, field, value_hash) SELECT r.process_id, r.field, r.value_hash 
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS process_id, (value ->> 1) AS field, (value ->> 2) AS value_hash FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r
