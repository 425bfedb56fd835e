SELECT processes.order_key, processes.id, processes.retry_after 
FROM processes WITH (FORCESEEK) JOIN (SELECT (SELECT TOP __[POSTCOMPILE_param_1] q.id 
FROM processes AS q WITH (FORCESEEK) 
WHERE q.order_key = r.order_key AND q.order_key IS NOT NULL AND q.finished_at IS NULL ORDER BY q.order_key, q.order_position, q.id) AS id 
FROM (SELECT order_key COLLATE Latin1_General_100_BIN2 AS order_key FROM OPENJSON(:rows) WITH (order_key NVARCHAR(4000) '$[0]')) AS r) AS first ON processes.id = first.id
