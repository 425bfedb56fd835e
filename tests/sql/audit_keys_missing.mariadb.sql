SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, processes.name AS place 
FROM processes 
WHERE processes.dedup_hash IS NOT NULL AND processes.finished_at IS NULL AND NOT (EXISTS (SELECT * 
FROM dedup_keys 
WHERE dedup_keys.name = processes.name AND dedup_keys.key_hash = processes.dedup_hash AND dedup_keys.process_id = processes.id))) AS found ORDER BY found.id, found.place 
 LIMIT 5
