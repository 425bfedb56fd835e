SELECT processes.order_key, processes.id, processes.retry_after 
FROM processes JOIN (SELECT (SELECT q.id 
FROM processes AS q 
WHERE q.order_key = r.order_key AND q.order_key IS NOT NULL AND q.finished_at IS NULL ORDER BY q.order_key, q.order_position, q.id 
 LIMIT 1::INTEGER) AS id 
FROM (SELECT (value ->> 0) AS order_key FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r) AS first ON processes.id = first.id
