SELECT r.key, (SELECT event_waits.process_id 
FROM event_waits 
WHERE event_waits.key = r.key AND event_waits.is_open = 1 ORDER BY event_waits.process_id 
 LIMIT 1::INTEGER OFFSET 1000::INTEGER) AS last 
FROM (SELECT (value ->> 0) AS key FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r
