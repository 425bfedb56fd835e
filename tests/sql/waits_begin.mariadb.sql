INSERT INTO event_waits (process_id, seq, `key`, step_key, number, is_open) SELECT r.process_id, r.seq, r.`key`, r.step_key, CASE WHEN (events.stated_at IS NULL) THEN events.number ELSE (SELECT coalesce(max(`before`.woken_number), 0) AS coalesce_1 
FROM event_waits AS `before` 
WHERE `before`.process_id = r.process_id AND `before`.`key` = r.`key` AND `before`.step_key = r.step_key) END AS number, 1 AS is_open 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (process_id BIGINT PATH '$[0]', seq BIGINT PATH '$[1]', `key` VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[2]', step_key VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[3]')) AS r, events 
WHERE events.`key` = r.`key`
