DELETE FROM sent USING sent, JSON_TABLE(:rows, '$[*]' COLUMNS (process_id BIGINT PATH '$[0]', fence BIGINT PATH '$[1]')) AS r WHERE sent.process_id = r.process_id AND sent.fence = r.fence
