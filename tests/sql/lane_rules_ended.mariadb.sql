SELECT processes.id, processes.order_key, processes.order_position, lanes.handled, lanes.supersedes, lanes.spacing_ms, lanes.free_at 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]')) AS r INNER JOIN processes ON processes.id = r.id INNER JOIN lanes ON lanes.order_key = processes.order_key ORDER BY processes.id
