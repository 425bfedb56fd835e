SELECT r.name, r.version, (SELECT processes.pool 
FROM processes 
WHERE processes.waiting_for = 'platform' AND processes.name = r.name AND processes.version = r.version AND processes.pool > r.pool ORDER BY processes.pool 
 LIMIT 1::INTEGER) AS following 
FROM (SELECT (value ->> 0) AS name, CAST(value ->> 1 AS BIGINT) AS version, (value ->> 2) AS pool FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r
