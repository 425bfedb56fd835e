SELECT process_steps.process_id, process_steps.seq, process_steps.outcome, process_steps.payload 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]')) AS r INNER JOIN process_steps ON process_steps.process_id = r.id 
WHERE process_steps.payload IS NOT NULL OR process_steps.outcome = 'upgrade'
