SELECT dedup_keys.process_id 
FROM dedup_keys FORCE INDEX (PRIMARY), JSON_TABLE(:rows, '$[*]' COLUMNS (name VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[0]', key_hash LONGTEXT PATH '$[1]', process_id BIGINT PATH '$[2]')) AS r 
WHERE dedup_keys.name = r.name AND dedup_keys.key_hash = r.key_hash AND dedup_keys.process_id = r.process_id
