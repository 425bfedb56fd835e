SELECT processes.id, processes.name, processes.version, processes.reference, processes.order_key, processes.step, processes.attempts, processes.attempts_since, processes.round, processes.seq, processes.fence, processes.crashes, processes.reruns, coalesce(processes.payload, processes.parameters) AS payload, processes.dedup_hash, processes.step_started_at, processes.worker, processes.channel, processes.command_key, processes.own_crashes, processes.doubtful_since, processes.retry_after 
FROM processes WITH (ROWLOCK, UPDLOCK, READPAST, READCOMMITTEDLOCK) 
WHERE processes.lease_ends_at < :now AND processes.status = 'running' ORDER BY processes.lease_ends_at
 OFFSET 0 ROWS
 FETCH FIRST :count ROWS ONLY
