SELECT lanes.order_key, lanes.handled, lanes.supersedes, lanes.spacing_ms, lanes.free_at 
FROM lanes 
WHERE lanes.order_key IN (SELECT r.order_key 
FROM (SELECT json_extract(value, '$[0]') AS order_key FROM json_each(:rows)) AS r)
