INSERT INTO dedup_keys (name, key_hash, process_id, scope) SELECT r.name, r.key_hash, r.process_id, r.scope 
FROM (SELECT (value ->> 0) AS name, (value ->> 1) AS key_hash, CAST(value ->> 2 AS BIGINT) AS process_id, (value ->> 3) AS scope FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value)) AS r ON CONFLICT DO NOTHING RETURNING dedup_keys.process_id
