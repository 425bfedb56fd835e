SELECT processes.id, processes.order_key, processes.order_position, lanes.handled, lanes.supersedes, lanes.spacing_ms, lanes.free_at 
FROM (SELECT id AS id FROM OPENJSON(:rows) WITH (id BIGINT '$[0]')) AS r JOIN processes WITH (FORCESEEK) ON processes.id = r.id JOIN lanes WITH (FORCESEEK) ON lanes.order_key = processes.order_key ORDER BY processes.id
