SELECT TOP 5 found.id, found.place, count(*) OVER () AS total 
FROM (SELECT dedup_keys.process_id AS id, dedup_keys.name AS place 
FROM dedup_keys LEFT OUTER JOIN processes ON processes.id = dedup_keys.process_id 
WHERE dedup_keys.scope = 'while_open' AND (processes.id IS NULL OR processes.finished_at IS NOT NULL)) AS found ORDER BY found.id, found.place
