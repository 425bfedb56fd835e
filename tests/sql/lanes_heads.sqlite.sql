SELECT r.order_key, (SELECT CASE WHEN (q.order_key != r.order_key) THEN NULL WHEN (q.order_position IS NULL) THEN q.id ELSE -q.id END AS anon_1 
FROM processes AS q 
WHERE q.order_key >= r.order_key AND q.order_key IS NOT NULL AND q.finished_at IS NULL ORDER BY q.order_key, q.order_position, q.id
 LIMIT 1 OFFSET 0) AS id 
FROM (SELECT json_extract(value, '$[0]') AS order_key FROM json_each(:rows)) AS r
