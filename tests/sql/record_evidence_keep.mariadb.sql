INSERT INTO evidence (process_id, seq, number, kind, made_at, `body`) SELECT r.process_id, r.seq, r.number, r.kind, r.made_at, r.`body` 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (process_id BIGINT PATH '$[0]', seq BIGINT PATH '$[1]', number BIGINT PATH '$[2]', kind LONGTEXT PATH '$[3]', made_at DATETIME(6) PATH '$[4]', `body` LONGTEXT PATH '$[5]')) AS r
