SELECT moving.id 
FROM (SELECT due.id AS id 
FROM (SELECT processes.id AS id 
FROM processes 
WHERE processes.due_at IS NOT NULL ORDER BY processes.name, processes.version, processes.due_at, processes.id 
 LIMIT 10001::INTEGER) AS due UNION SELECT leased.id AS id 
FROM (SELECT processes.id AS id 
FROM processes 
WHERE processes.lease_ends_at IS NOT NULL ORDER BY processes.lease_ends_at 
 LIMIT 10001::INTEGER) AS leased UNION SELECT in_lanes.id AS id 
FROM (SELECT processes.id AS id 
FROM processes 
WHERE processes.order_key IS NOT NULL AND processes.finished_at IS NULL ORDER BY processes.order_key, processes.order_position, processes.id 
 LIMIT 10001::INTEGER) AS in_lanes) AS moving
