UPDATE processes SET status='running', fence=(processes.fence + 1), due_at=NULL, waiting_for=NULL, worker=:worker_name, lease_ends_at=:lease_end, step_started_at=:now, updated_at=:now, pool_since=NULL OUTPUT inserted.id, inserted.name, inserted.version, inserted.reference, inserted.order_key, inserted.step, inserted.attempts, inserted.attempts_since, inserted.round, inserted.seq, inserted.fence, inserted.crashes, inserted.reruns, coalesce(inserted.payload, inserted.parameters) AS payload, inserted.dedup_hash, inserted.step_started_at, inserted.worker, inserted.channel, inserted.command_key, inserted.own_crashes, inserted.doubtful_since, inserted.retry_after FROM processes WITH (ROWLOCK, FORCESEEK), (SELECT due.id AS id 
FROM (SELECT range_0.id AS id, range_0.due_at AS due_at 
FROM (SELECT processes.id AS id, processes.pool_since AS due_at 
FROM processes WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK) 
WHERE processes.name = __[POSTCOMPILE_name_0] AND processes.version = __[POSTCOMPILE_version_0] AND processes.step IN (__[POSTCOMPILE_steps_0]) AND processes.waiting_for = 'platform' AND processes.pool = :of_pool ORDER BY processes.pool_since, processes.id
 OFFSET 0 ROWS
 FETCH FIRST :count ROWS ONLY) AS range_0 UNION ALL SELECT range_1.id AS id, range_1.due_at AS due_at 
FROM (SELECT processes.id AS id, processes.pool_since AS due_at 
FROM processes WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK) 
WHERE processes.name = __[POSTCOMPILE_name_1] AND processes.version = __[POSTCOMPILE_version_1] AND processes.step IN (__[POSTCOMPILE_steps_1]) AND processes.waiting_for = 'platform' AND processes.pool = :of_pool ORDER BY processes.pool_since, processes.id
 OFFSET 0 ROWS
 FETCH FIRST :count ROWS ONLY) AS range_1) AS due ORDER BY due.due_at, due.id
 OFFSET 0 ROWS
 FETCH FIRST :count ROWS ONLY) AS picked WHERE processes.id = picked.id AND processes.status IN ('pending', 'waiting')
