SELECT STRAIGHT_JOIN processes.id 
FROM processes FORCE INDEX (PRIMARY) 
WHERE processes.id = :process_id AND processes.due_at IS NOT NULL AND processes.seq = 0 FOR UPDATE
;
UPDATE processes SET status='waiting', due_at=NULL, waiting_for='lane', updated_at=:now WHERE processes.id IN (__[POSTCOMPILE_picked]) AND processes.id = :process_id AND processes.due_at IS NOT NULL AND processes.seq = 0
;
SELECT processes.id 
FROM processes 
WHERE processes.id IN (__[POSTCOMPILE_picked])
