SELECT process_steps.process_id, process_steps.step, process_steps.outcome, max(process_steps.finished_at) AS at 
FROM (SELECT json_extract(value, '$[0]') AS id FROM json_each(:rows)) AS r JOIN processes ON processes.id = r.id JOIN process_steps ON process_steps.process_id = processes.id AND process_steps.seq > processes.seq - 200 
WHERE process_steps.outcome IN (__[POSTCOMPILE_outcome_1]) GROUP BY process_steps.process_id, process_steps.step, process_steps.outcome
