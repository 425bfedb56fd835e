SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, processes.status AS place 
FROM processes 
WHERE processes.finished_at IS NULL AND NOT (processes.due_at IS NOT NULL OR processes.status IN ('failed', 'uncertain', 'quarantined') OR processes.status = 'running' AND processes.lease_ends_at IS NOT NULL OR processes.status = 'waiting' AND coalesce(processes.waiting_for, '') = 'event' OR processes.status = 'waiting' AND coalesce(processes.waiting_for, '') = 'lane' AND processes.order_key IS NOT NULL) OR processes.finished_at IS NOT NULL AND processes.status IN ('pending', 'running', 'waiting', 'failed', 'uncertain', 'quarantined')) AS found ORDER BY found.id, found.place
 LIMIT 5 OFFSET 0
