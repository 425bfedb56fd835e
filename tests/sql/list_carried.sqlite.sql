SELECT process_steps.process_id, process_steps.seq, process_steps.outcome, process_steps.payload 
FROM (SELECT json_extract(value, '$[0]') AS id FROM json_each(:rows)) AS r JOIN process_steps ON process_steps.process_id = r.id 
WHERE process_steps.payload IS NOT NULL OR process_steps.outcome = 'upgrade'
