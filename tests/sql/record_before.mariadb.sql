SELECT process_steps.process_id, CASE WHEN (processes.status = 'running' AND processes.fence = r.fence AND processes.seq = r.seq) THEN 1 ELSE 0 END AS anon_1 
FROM process_steps INNER JOIN processes ON processes.id = process_steps.process_id, JSON_TABLE(:rows, '$[*]' COLUMNS (process_id BIGINT PATH '$[0]', seq BIGINT PATH '$[1]', worker LONGTEXT PATH '$[2]', outcome LONGTEXT PATH '$[3]', fence BIGINT PATH '$[4]')) AS r 
WHERE process_steps.process_id = r.process_id AND process_steps.seq = r.seq AND process_steps.worker = r.worker AND process_steps.outcome = r.outcome
