SELECT events.`key`, events.number, events.stated_at 
FROM events 
WHERE events.`key` IN (SELECT r.`key` 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (`key` VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS r) ORDER BY events.`key` FOR UPDATE SKIP LOCKED
