SELECT process_steps.process_id, count(*) AS number 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]')) AS r INNER JOIN processes ON processes.id = r.id INNER JOIN process_steps ON process_steps.process_id = processes.id AND process_steps.seq > processes.seq - 200 
WHERE process_steps.outcome = 'restart' GROUP BY process_steps.process_id
