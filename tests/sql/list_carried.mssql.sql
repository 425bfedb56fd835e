SELECT process_steps.process_id, process_steps.seq, process_steps.outcome, process_steps.payload 
FROM (SELECT id AS id FROM OPENJSON(:rows) WITH (id BIGINT '$[0]')) AS r JOIN process_steps WITH (FORCESEEK) ON process_steps.process_id = r.id 
WHERE process_steps.payload IS NOT NULL OR process_steps.outcome = 'upgrade'
