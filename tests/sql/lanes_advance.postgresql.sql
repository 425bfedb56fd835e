UPDATE processes SET status=CASE WHEN (processes.retry_after > :now::TIMESTAMP WITH TIME ZONE) THEN 'waiting' ELSE 'pending' END, due_at=CASE WHEN (processes.retry_after > :now::TIMESTAMP WITH TIME ZONE) THEN processes.retry_after ELSE :now::TIMESTAMP WITH TIME ZONE END, waiting_for=CASE WHEN (processes.retry_after > :now::TIMESTAMP WITH TIME ZONE) THEN 'moment' END, updated_at=:now::TIMESTAMP WITH TIME ZONE FROM (SELECT r.order_key AS order_key, (SELECT CASE WHEN (q.order_key = r.order_key) THEN q.id END AS anon_1 
FROM processes AS q 
WHERE q.order_key >= r.order_key AND q.order_key IS NOT NULL AND q.finished_at IS NULL ORDER BY q.order_key, q.id 
 LIMIT 1::INTEGER) AS id 
FROM (SELECT (value ->> 0) AS order_key FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r) AS heads WHERE processes.id = heads.id AND processes.status = 'waiting' AND processes.waiting_for = 'lane'
