INSERT IGNORE INTO dedup_keys (name, key_hash, process_id, scope) SELECT r.name, r.key_hash, r.process_id, r.scope 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (name VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[0]', key_hash LONGTEXT PATH '$[1]', process_id BIGINT PATH '$[2]', scope LONGTEXT PATH '$[3]')) AS r RETURNING dedup_keys.process_id
