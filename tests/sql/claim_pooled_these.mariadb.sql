SELECT STRAIGHT_JOIN processes.id 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]')) AS r, processes FORCE INDEX (PRIMARY) 
WHERE processes.id = r.id AND coalesce(processes.waiting_for, '') = 'platform' AND processes.status IN ('pending', 'waiting') FOR UPDATE
;
UPDATE processes, JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]')) AS r SET processes.status='running', processes.fence=(processes.fence + 1), processes.due_at=NULL, processes.waiting_for=NULL, processes.worker=:worker_name, processes.lease_ends_at=:lease_end, processes.step_started_at=:now, processes.updated_at=:now, processes.pool_since=NULL WHERE processes.id IN (__[POSTCOMPILE_picked]) AND processes.id = r.id AND coalesce(processes.waiting_for, '') = 'platform' AND processes.status IN ('pending', 'waiting')
;
SELECT processes.id, processes.name, processes.version, processes.reference, processes.order_key, processes.step, processes.attempts, processes.attempts_since, processes.round, processes.seq, processes.fence, processes.crashes, processes.reruns, coalesce(processes.payload, processes.parameters) AS payload, processes.dedup_hash, processes.step_started_at, processes.worker, processes.channel, processes.command_key, processes.own_crashes, processes.doubtful_since, processes.retry_after 
FROM processes 
WHERE processes.id IN (__[POSTCOMPILE_picked])
