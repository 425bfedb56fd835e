SELECT processes.id 
FROM (SELECT range_0.id AS id, range_0.due_at AS due_at 
FROM (SELECT processes.id AS id, processes.pool_since AS due_at 
FROM processes 
WHERE processes.name = :name_0 AND processes.version = :version_0 AND processes.step IN (__[POSTCOMPILE_steps_0]) AND processes.waiting_for = 'platform' AND processes.pool = :of_pool ORDER BY processes.pool_since, processes.id 
 LIMIT :offered) AS range_0) AS due INNER JOIN processes ON processes.id = due.id 
WHERE processes.status IN ('pending', 'waiting') AND processes.waiting_for = 'platform' AND processes.pool = :of_pool ORDER BY due.due_at, due.id 
 LIMIT :count FOR UPDATE SKIP LOCKED
;
UPDATE processes SET status='running', fence=(processes.fence + 1), due_at=NULL, waiting_for=NULL, worker=:worker_name, lease_ends_at=:lease_end, step_started_at=:now, updated_at=:now, pool_since=NULL WHERE processes.id IN (__[POSTCOMPILE_picked])
;
SELECT processes.id, processes.name, processes.version, processes.reference, processes.order_key, processes.step, processes.attempts, processes.attempts_since, processes.round, processes.seq, processes.fence, processes.crashes, processes.reruns, coalesce(processes.payload, processes.parameters) AS payload, processes.dedup_hash, processes.step_started_at, processes.worker, processes.channel, processes.command_key, processes.own_crashes, processes.doubtful_since, processes.retry_after 
FROM processes 
WHERE processes.id IN (__[POSTCOMPILE_picked])
