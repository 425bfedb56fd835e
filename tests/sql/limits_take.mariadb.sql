INSERT INTO seats (process_id, fence, limit_name, step, taken_at) SELECT r.process_id, r.fence, r.limit_name, r.step, r.taken_at 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (process_id BIGINT PATH '$[0]', fence BIGINT PATH '$[1]', limit_name VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[2]', step VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[3]', taken_at DATETIME(6) PATH '$[4]')) AS r
