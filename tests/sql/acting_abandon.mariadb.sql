SELECT STRAIGHT_JOIN processes.id 
FROM processes FORCE INDEX (PRIMARY) 
WHERE processes.id = :process_id AND processes.status = :seen_status AND processes.seq = :seen_seq AND processes.status != 'running' FOR UPDATE
;
UPDATE processes SET status=:new_status, seq=(processes.seq + 1), fence=(processes.fence + 1), due_at=NULL, retry_after=NULL, waiting_for=NULL, updated_at=:now, finished_at=:now WHERE processes.id IN (__[POSTCOMPILE_picked]) AND processes.id = :process_id AND processes.status = :seen_status AND processes.seq = :seen_seq AND processes.status != 'running'
;
SELECT processes.id 
FROM processes 
WHERE processes.id IN (__[POSTCOMPILE_picked])
