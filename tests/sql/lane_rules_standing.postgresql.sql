SELECT lanes.order_key, lanes.handled, lanes.supersedes, lanes.spacing_ms, lanes.free_at 
FROM lanes 
WHERE lanes.order_key IN (SELECT r.order_key 
FROM (SELECT (value ->> 0) AS order_key FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r)
