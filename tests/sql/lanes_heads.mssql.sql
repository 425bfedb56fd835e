SELECT r.order_key, (SELECT min(processes.id) AS min_1 
FROM processes 
WHERE processes.order_key = r.order_key AND processes.order_key IS NOT NULL AND processes.finished_at IS NULL) AS anon_1 
FROM (SELECT order_key COLLATE Latin1_General_100_BIN2 AS order_key FROM OPENJSON(:rows) WITH (order_key NVARCHAR(4000) '$[0]')) AS r
