SELECT processes.order_key, processes.id, processes.retry_after 
FROM processes INNER JOIN (SELECT (SELECT q.id 
FROM processes AS q 
WHERE q.order_key = r.order_key AND q.order_key IS NOT NULL AND q.finished_at IS NULL ORDER BY q.order_key, q.order_position, q.id 
 LIMIT 1) AS id 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (order_key VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS r) AS first ON processes.id = first.id
