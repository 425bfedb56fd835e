INSERT INTO lanes (order_key) SELECT r.order_key 
FROM (SELECT json_extract(value, '$[0]') AS order_key FROM json_each(:rows)) AS r 
WHERE NOT (EXISTS (SELECT lanes.order_key 
FROM lanes 
WHERE lanes.order_key = r.order_key))
