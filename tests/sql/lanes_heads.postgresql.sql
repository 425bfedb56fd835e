SELECT r.order_key, (SELECT min(processes.id) AS min_1 
FROM processes 
WHERE processes.order_key = r.order_key AND processes.order_key IS NOT NULL AND processes.finished_at IS NULL) AS anon_1 
FROM (SELECT (value ->> 0) AS order_key FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value)) AS r
