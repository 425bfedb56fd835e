SELECT lanes.order_key, lanes.handled, lanes.supersedes, lanes.spacing_ms, lanes.free_at 
FROM lanes 
WHERE lanes.order_key IN (SELECT r.order_key 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (order_key VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[0]')) AS r)
