UPDATE processes SET status=CASE WHEN (processes.retry_after > :now) THEN 'waiting' ELSE 'pending' END, due_at=CASE WHEN (processes.retry_after > :now) THEN processes.retry_after ELSE :now END, waiting_for=CASE WHEN (processes.retry_after > :now) THEN 'moment' END, updated_at=:now FROM (SELECT r.order_key AS order_key, (SELECT CASE WHEN (q.order_key != r.order_key) THEN NULL WHEN (q.order_position IS NULL) THEN q.id ELSE -q.id END AS anon_1 
FROM processes AS q 
WHERE q.order_key >= r.order_key AND q.order_key IS NOT NULL AND q.finished_at IS NULL ORDER BY q.order_key, q.order_position, q.id
 LIMIT 1 OFFSET 0) AS id 
FROM (SELECT json_extract(value, '$[0]') AS order_key FROM json_each(:rows)) AS r) AS heads WHERE processes.id = heads.id AND processes.status = 'waiting' AND processes.waiting_for = 'lane'
