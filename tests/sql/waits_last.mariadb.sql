SELECT r.`key`, (SELECT event_waits.process_id 
FROM event_waits 
WHERE event_waits.`key` = r.`key` AND event_waits.is_open = 1 ORDER BY event_waits.process_id 
 LIMIT 1000, 1) AS last 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (`key` VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS r
