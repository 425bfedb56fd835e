SELECT STRAIGHT_JOIN processes.id 
FROM processes FORCE INDEX (PRIMARY) 
WHERE processes.id = :process_id AND processes.fence = :held_fence AND processes.seq = :held_seq AND processes.status = 'running' AND processes.stop_requested_at IS NULL FOR UPDATE
;
UPDATE processes SET fence=(processes.fence + 1), updated_at=:asked_at, stop_requested_at=:asked_at, stop_requested_by=:asked_by, stop_requested_reason=:asked_reason WHERE processes.id IN (__[POSTCOMPILE_picked]) AND processes.id = :process_id AND processes.fence = :held_fence AND processes.seq = :held_seq AND processes.status = 'running' AND processes.stop_requested_at IS NULL
;
SELECT processes.id 
FROM processes 
WHERE processes.id IN (__[POSTCOMPILE_picked])
