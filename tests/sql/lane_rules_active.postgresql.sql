SELECT processes.order_key, processes.id, processes.order_position, processes.seq, processes.due_at 
FROM processes JOIN (SELECT (SELECT q.id 
FROM processes AS q 
WHERE q.order_key = r.order_key AND q.order_key IS NOT NULL AND q.finished_at IS NULL AND NOT (q.status = 'waiting' AND coalesce(q.waiting_for, '') = 'lane') ORDER BY q.order_key, q.order_position, q.id 
 LIMIT 1::INTEGER) AS id 
FROM (SELECT (value ->> 0) AS order_key FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r) AS first ON processes.id = first.id
