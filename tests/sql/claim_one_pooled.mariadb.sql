SELECT STRAIGHT_JOIN processes.id 
FROM processes FORCE INDEX (PRIMARY) 
WHERE processes.id = :process_id AND processes.due_at IS NOT NULL AND processes.status IN ('pending', 'waiting') FOR UPDATE
;
UPDATE processes SET status='running', fence=(processes.fence + 1), due_at=NULL, waiting_for=NULL, worker=:worker_name, lease_ends_at=:lease_end, step_started_at=:now, updated_at=:now, pool_since=NULL WHERE processes.id IN (__[POSTCOMPILE_picked]) AND processes.id = :process_id AND processes.due_at IS NOT NULL AND processes.status IN ('pending', 'waiting')
;
SELECT processes.id, processes.name, processes.version, processes.reference, processes.order_key, processes.step, processes.attempts, processes.attempts_since, processes.round, processes.seq, processes.fence, processes.crashes, processes.reruns, coalesce(processes.payload, processes.parameters) AS payload, processes.dedup_hash, processes.step_started_at, processes.worker, processes.channel, processes.command_key, processes.own_crashes, processes.doubtful_since, processes.retry_after 
FROM processes 
WHERE processes.id IN (__[POSTCOMPILE_picked])
