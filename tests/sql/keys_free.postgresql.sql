SELECT dedup_keys.process_id 
FROM dedup_keys, (SELECT (value ->> 0) AS name, (value ->> 1) AS key_hash, CAST(value ->> 2 AS BIGINT) AS process_id FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r 
WHERE dedup_keys.name = r.name AND dedup_keys.key_hash = r.key_hash AND dedup_keys.process_id = r.process_id FOR UPDATE OF dedup_keys SKIP LOCKED
