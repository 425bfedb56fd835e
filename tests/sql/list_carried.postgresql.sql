SELECT process_steps.process_id, process_steps.seq, process_steps.outcome, process_steps.payload 
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r JOIN process_steps ON process_steps.process_id = r.id 
WHERE process_steps.payload IS NOT NULL OR process_steps.outcome = 'upgrade'::VARCHAR
