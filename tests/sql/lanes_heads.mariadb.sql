SELECT r.order_key, (SELECT min(processes.id) AS min_1 
FROM processes 
WHERE processes.order_key = r.order_key AND processes.order_key IS NOT NULL AND processes.finished_at IS NULL) AS anon_1 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (order_key VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS r
