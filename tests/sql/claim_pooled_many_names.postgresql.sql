WITH first AS MATERIALIZED 
(SELECT processes.id AS id 
FROM (SELECT range_0.id AS id, range_0.due_at AS due_at 
FROM (SELECT processes.id AS id, processes.pool_since AS due_at 
FROM processes 
WHERE processes.name = :name_0::VARCHAR AND processes.version = :version_0::INTEGER AND processes.step = ANY (:steps_0::TEXT[]) AND processes.waiting_for = 'platform' AND processes.pool = :of_pool::VARCHAR ORDER BY processes.pool_since, processes.id 
 LIMIT :offered::INTEGER) AS range_0 UNION ALL SELECT range_1.id AS id, range_1.due_at AS due_at 
FROM (SELECT processes.id AS id, processes.pool_since AS due_at 
FROM processes 
WHERE processes.name = :name_1::VARCHAR AND processes.version = :version_1::INTEGER AND processes.step = ANY (:steps_1::TEXT[]) AND processes.waiting_for = 'platform' AND processes.pool = :of_pool::VARCHAR ORDER BY processes.pool_since, processes.id 
 LIMIT :offered::INTEGER) AS range_1) AS due JOIN processes ON processes.id = due.id 
WHERE processes.status IN ('pending', 'waiting') AND processes.waiting_for = 'platform' AND processes.pool = :of_pool::VARCHAR ORDER BY due.due_at, due.id 
 LIMIT :count::INTEGER FOR NO KEY UPDATE OF processes SKIP LOCKED)
 UPDATE processes SET status='running', fence=(processes.fence + 1::BIGINT), due_at=NULL, waiting_for=NULL, worker=:worker_name::VARCHAR, lease_ends_at=:lease_end::TIMESTAMP WITH TIME ZONE, step_started_at=:now::TIMESTAMP WITH TIME ZONE, updated_at=:now::TIMESTAMP WITH TIME ZONE, pool_since=NULL FROM first WHERE processes.id = first.id AND processes.status IN ('pending', 'waiting') RETURNING processes.id, processes.name, processes.version, processes.reference, processes.order_key, processes.step, processes.attempts, processes.attempts_since, processes.round, processes.seq, processes.fence, processes.crashes, processes.reruns, coalesce(processes.payload, processes.parameters) AS payload, processes.dedup_hash, processes.step_started_at, processes.worker, processes.channel, processes.command_key, processes.own_crashes, processes.doubtful_since, processes.retry_after
