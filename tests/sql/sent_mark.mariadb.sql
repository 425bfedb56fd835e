INSERT INTO sent (process_id, fence, channel, sent_at) SELECT r.process_id, r.fence, r.channel, r.sent_at 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (process_id BIGINT PATH '$[0]', fence BIGINT PATH '$[1]', channel VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[2]', sent_at DATETIME(6) PATH '$[3]')) AS r
