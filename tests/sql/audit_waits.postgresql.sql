SELECT found.id, found.place, count(*) OVER () AS total 
FROM (SELECT processes.id AS id, processes.status AS place 
FROM processes 
WHERE processes.finished_at IS NULL AND NOT (processes.due_at IS NOT NULL OR processes.status IN ('failed'::VARCHAR, 'uncertain'::VARCHAR, 'quarantined'::VARCHAR) OR processes.status = 'running'::VARCHAR AND processes.lease_ends_at IS NOT NULL OR processes.status = 'waiting'::VARCHAR AND coalesce(processes.waiting_for, ''::VARCHAR) = 'event'::VARCHAR OR processes.status = 'waiting'::VARCHAR AND coalesce(processes.waiting_for, ''::VARCHAR) = 'lane'::VARCHAR AND processes.order_key IS NOT NULL) OR processes.finished_at IS NOT NULL AND processes.status IN ('pending'::VARCHAR, 'running'::VARCHAR, 'waiting'::VARCHAR, 'failed'::VARCHAR, 'uncertain'::VARCHAR, 'quarantined'::VARCHAR)) AS found ORDER BY found.id, found.place 
 LIMIT 5::INTEGER
