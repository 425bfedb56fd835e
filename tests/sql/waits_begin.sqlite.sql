INSERT INTO event_waits (process_id, seq, "key", step_key, number, is_open) SELECT r.process_id, r.seq, r."key", r.step_key, CASE WHEN (events.stated_at IS NULL) THEN events.number ELSE (SELECT coalesce(max("before".woken_number), 0) AS coalesce_1 
FROM event_waits AS "before" 
WHERE "before".process_id = r.process_id AND "before"."key" = r."key" AND "before".step_key = r.step_key) END AS number, 1 AS is_open 
FROM (SELECT json_extract(value, '$[0]') AS process_id, json_extract(value, '$[1]') AS seq, json_extract(value, '$[2]') AS "key", json_extract(value, '$[3]') AS step_key FROM json_each(:rows)) AS r, events 
WHERE events."key" = r."key"
