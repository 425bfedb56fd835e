WITH held AS 
(SELECT processes.id AS id 
FROM processes, (SELECT CAST(value ->> 0 AS BIGINT) AS id, CAST(value ->> 1 AS BIGINT) AS fence FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r 
WHERE processes.id = r.id AND processes.fence = r.fence AND processes.status = 'running' FOR NO KEY UPDATE OF processes SKIP LOCKED)
 UPDATE processes SET lease_ends_at=:lease_end::TIMESTAMP WITH TIME ZONE FROM held WHERE processes.id = held.id RETURNING processes.id
