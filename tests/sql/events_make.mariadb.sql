INSERT IGNORE INTO events (`key`) SELECT r.`key` 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (`key` VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS r 
WHERE NOT (EXISTS (SELECT events.`key` 
FROM events 
WHERE events.`key` = r.`key`))
