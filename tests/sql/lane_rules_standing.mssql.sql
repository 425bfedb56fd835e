SELECT lanes.order_key, lanes.handled, lanes.supersedes, lanes.spacing_ms, lanes.free_at 
FROM lanes WITH (FORCESEEK) 
WHERE lanes.order_key IN (SELECT r.order_key 
FROM (SELECT order_key COLLATE Latin1_General_100_BIN2 AS order_key FROM OPENJSON(:rows) WITH (order_key NVARCHAR(4000) '$[0]')) AS r)
