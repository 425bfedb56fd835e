SELECT processes.id, processes.fence 
FROM processes, (SELECT CAST(value ->> 0 AS BIGINT) AS id, CAST(value ->> 1 AS BIGINT) AS fence FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r 
WHERE processes.id = r.id AND processes.fence = r.fence AND processes.due_at IS NOT NULL
