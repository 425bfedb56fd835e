SELECT process_steps.process_id, count(*) AS number 
FROM (SELECT json_extract(value, '$[0]') AS id FROM json_each(:rows)) AS r JOIN processes ON processes.id = r.id JOIN process_steps ON process_steps.process_id = processes.id AND process_steps.seq > processes.seq - 200 
WHERE process_steps.outcome = 'restart' GROUP BY process_steps.process_id
