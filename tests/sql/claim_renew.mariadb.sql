SELECT STRAIGHT_JOIN processes.id 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]', fence BIGINT PATH '$[1]')) AS r, processes FORCE INDEX (PRIMARY) 
WHERE processes.id = r.id AND processes.fence = r.fence AND processes.status = 'running' FOR UPDATE SKIP LOCKED
;
UPDATE processes, JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]', fence BIGINT PATH '$[1]')) AS r SET processes.lease_ends_at=:lease_end WHERE processes.id IN (__[POSTCOMPILE_picked]) AND processes.id = r.id AND processes.fence = r.fence AND processes.status = 'running'
;
SELECT processes.id 
FROM processes 
WHERE processes.id IN (__[POSTCOMPILE_picked])
