UPDATE processes SET status='running', fence=(processes.fence + 1), due_at=NULL, waiting_for=NULL, worker=:worker_name, lease_ends_at=:lease_end, step_started_at=:now, updated_at=:now, pool_since=NULL WHERE processes.id IN (SELECT due.id 
FROM (SELECT range_0.id AS id, range_0.due_at AS due_at 
FROM (SELECT processes.id AS id, processes.pool_since AS due_at 
FROM processes 
WHERE processes.name = :name_0 AND processes.version = :version_0 AND processes.step IN (__[POSTCOMPILE_steps_0]) AND processes.waiting_for = 'platform' AND processes.pool = :of_pool ORDER BY processes.pool_since, processes.id
 LIMIT :count OFFSET 0) AS range_0 UNION ALL SELECT range_1.id AS id, range_1.due_at AS due_at 
FROM (SELECT processes.id AS id, processes.pool_since AS due_at 
FROM processes 
WHERE processes.name = :name_1 AND processes.version = :version_1 AND processes.step IN (__[POSTCOMPILE_steps_1]) AND processes.waiting_for = 'platform' AND processes.pool = :of_pool ORDER BY processes.pool_since, processes.id
 LIMIT :count OFFSET 0) AS range_1) AS due ORDER BY due.due_at, due.id
 LIMIT :count OFFSET 0) AND processes.status IN ('pending', 'waiting') RETURNING id, name, version, reference, order_key, step, attempts, attempts_since, round, seq, fence, crashes, reruns, coalesce(payload, parameters) AS payload, dedup_hash, step_started_at, worker, channel, command_key, own_crashes, doubtful_since, retry_after
