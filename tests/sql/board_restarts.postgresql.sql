SELECT process_steps.process_id, count(*) AS number 
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r JOIN processes ON processes.id = r.id JOIN process_steps ON process_steps.process_id = processes.id AND process_steps.seq > processes.seq - 200::INTEGER 
WHERE process_steps.outcome = 'restart'::VARCHAR GROUP BY process_steps.process_id
