INSERT INTO search_values (process_id, field, value_hash) SELECT r.process_id, r.field, r.value_hash 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (process_id BIGINT PATH '$[0]', field VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[1]', value_hash VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[2]')) AS r
