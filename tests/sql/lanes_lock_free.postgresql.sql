SELECT lanes.order_key 
FROM lanes 
WHERE lanes.order_key IN (SELECT r.order_key 
FROM (SELECT (value ->> 0) AS order_key FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r) ORDER BY lanes.order_key FOR UPDATE SKIP LOCKED
