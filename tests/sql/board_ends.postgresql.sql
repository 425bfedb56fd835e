SELECT process_steps.process_id, process_steps.step, process_steps.outcome, max(process_steps.finished_at) AS at 
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id FROM jsonb_array_elements(CAST(:rows::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r JOIN processes ON processes.id = r.id JOIN process_steps ON process_steps.process_id = processes.id AND process_steps.seq > processes.seq - 200::INTEGER 
WHERE process_steps.outcome IN (__[POSTCOMPILE_outcome_1]) GROUP BY process_steps.process_id, process_steps.step, process_steps.outcome
