INSERT INTO event_waits (process_id, seq, [key], step_key, number, is_open) SELECT r.process_id, r.seq, r.[key], r.step_key, CASE WHEN (events.stated_at IS NULL) THEN events.number ELSE (SELECT coalesce(max(before.woken_number), 0) AS coalesce_1 
FROM event_waits AS before WITH (FORCESEEK) 
WHERE before.process_id = r.process_id AND before.[key] = r.[key] AND before.step_key = r.step_key) END AS number, 1 AS is_open 
FROM (SELECT process_id AS process_id, seq AS seq, [key] COLLATE Latin1_General_100_BIN2 AS [key], step_key COLLATE Latin1_General_100_BIN2 AS step_key FROM OPENJSON(:rows) WITH (process_id BIGINT '$[0]', seq BIGINT '$[1]', [key] NVARCHAR(4000) '$[2]', step_key NVARCHAR(4000) '$[3]')) AS r, events WITH (FORCESEEK) 
WHERE events.[key] = r.[key]
