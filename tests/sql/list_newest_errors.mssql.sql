SELECT process_steps.process_id, process_steps.message, process_steps.error 
FROM (SELECT id AS id FROM OPENJSON(:rows) WITH (id BIGINT '$[0]')) AS r JOIN processes WITH (FORCESEEK) ON processes.id = r.id JOIN process_steps WITH (FORCESEEK) ON process_steps.process_id = processes.id AND process_steps.seq = processes.seq
