SELECT STRAIGHT_JOIN processes.id 
FROM processes FORCE INDEX (PRIMARY) 
WHERE processes.id = :process_id AND processes.status = :seen_status AND processes.seq = :seen_seq AND processes.status != 'running' FOR UPDATE
;
UPDATE processes SET status=:new_status, step=:new_step, attempts=0, attempts_since=NULL, round=(processes.round + 1), seq=(processes.seq + 1), crashes=0, own_crashes=0, reruns=:new_reruns, due_at=:now, retry_after=NULL, waiting_for=NULL, updated_at=:now, finished_at=NULL WHERE processes.id IN (__[POSTCOMPILE_picked]) AND processes.id = :process_id AND processes.status = :seen_status AND processes.seq = :seen_seq AND processes.status != 'running'
;
SELECT processes.id 
FROM processes 
WHERE processes.id IN (__[POSTCOMPILE_picked])
