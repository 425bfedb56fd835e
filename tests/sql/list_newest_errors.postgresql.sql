SELECT process_steps.process_id, process_steps.message, process_steps.error 
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r JOIN processes ON processes.id = r.id JOIN process_steps ON process_steps.process_id = processes.id AND process_steps.seq = processes.seq
