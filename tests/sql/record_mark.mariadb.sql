SELECT STRAIGHT_JOIN processes.id 
FROM processes FORCE INDEX (PRIMARY) 
WHERE processes.id = :process_id AND processes.fence = :held_fence AND processes.status = 'running' FOR UPDATE
;
UPDATE processes SET doubtful_since=:now WHERE processes.id IN (__[POSTCOMPILE_picked]) AND processes.id = :process_id AND processes.fence = :held_fence AND processes.status = 'running'
;
SELECT processes.id 
FROM processes 
WHERE processes.id IN (__[POSTCOMPILE_picked])
