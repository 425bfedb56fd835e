INSERT INTO children (parent_id, `key`, process_id) SELECT r.parent_id, r.`key`, r.process_id 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (parent_id BIGINT PATH '$[0]', `key` VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[1]', process_id BIGINT PATH '$[2]')) AS r
