SELECT processes.id 
FROM processes, (SELECT CAST(value ->> 0 AS BIGINT) AS id FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r 
WHERE processes.id = r.id
