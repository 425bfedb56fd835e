INSERT INTO event_waits (process_id, seq, key, step_key, number, is_open) SELECT r.process_id, r.seq, r.key, r.step_key, CASE WHEN (events.stated_at IS NULL) THEN events.number ELSE (SELECT coalesce(max(before.woken_number), 0) AS coalesce_1 
FROM event_waits AS before 
WHERE before.process_id = r.process_id AND before.key = r.key AND before.step_key = r.step_key) END AS number, 1 AS is_open 
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS process_id, CAST(value ->> 1 AS BIGINT) AS seq, (value ->> 2) AS key, (value ->> 3) AS step_key FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r, events 
WHERE events.key = r.key
