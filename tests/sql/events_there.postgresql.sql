SELECT events.key 
FROM events 
WHERE events.key IN (SELECT r.key 
FROM (SELECT (value ->> 0) AS key FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r)
