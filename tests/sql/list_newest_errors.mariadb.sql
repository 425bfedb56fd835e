SELECT process_steps.process_id, process_steps.message, process_steps.error 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]')) AS r INNER JOIN processes ON processes.id = r.id INNER JOIN process_steps ON process_steps.process_id = processes.id AND process_steps.seq = processes.seq
