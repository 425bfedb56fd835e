SELECT events.key, events.number, events.stated_at 
FROM events 
WHERE events.key IN (SELECT r.key 
FROM (SELECT (value ->> 0) AS key FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r) ORDER BY events.key FOR UPDATE SKIP LOCKED
