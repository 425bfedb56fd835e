SELECT processes.id, processes.order_key, processes.order_position, lanes.handled, lanes.supersedes, lanes.spacing_ms, lanes.free_at 
FROM (SELECT json_extract(value, '$[0]') AS id FROM json_each(:rows)) AS r JOIN processes ON processes.id = r.id JOIN lanes ON lanes.order_key = processes.order_key ORDER BY processes.id
