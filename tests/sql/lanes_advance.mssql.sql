UPDATE processes SET status=CASE WHEN (processes.retry_after > :now) THEN 'waiting' ELSE 'pending' END, due_at=CASE WHEN (processes.retry_after > :now) THEN processes.retry_after ELSE :now END, waiting_for=CASE WHEN (processes.retry_after > :now) THEN 'moment' END, updated_at=:now FROM processes, (SELECT r.order_key AS order_key, (SELECT CASE WHEN (q.order_key = r.order_key) THEN q.id END AS anon_1 
FROM processes AS q 
WHERE q.order_key >= r.order_key AND q.order_key IS NOT NULL AND q.finished_at IS NULL
 OFFSET 0 ROWS
 FETCH FIRST 1 ROWS ONLY) AS id 
FROM (SELECT order_key COLLATE Latin1_General_100_BIN2 AS order_key FROM OPENJSON(:rows) WITH (order_key NVARCHAR(4000) '$[0]')) AS r) AS heads WHERE processes.id = heads.id AND processes.status = 'waiting' AND processes.waiting_for = 'lane'
