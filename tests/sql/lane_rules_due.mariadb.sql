SELECT STRAIGHT_JOIN processes.id 
FROM JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]', retry_after DATETIME(6) PATH '$[1]')) AS r, processes FORCE INDEX (PRIMARY) 
WHERE processes.id = r.id AND processes.status = 'waiting' AND coalesce(processes.waiting_for, '') = 'lane' FOR UPDATE
;
UPDATE processes, JSON_TABLE(:rows, '$[*]' COLUMNS (id BIGINT PATH '$[0]', retry_after DATETIME(6) PATH '$[1]')) AS r SET processes.status=CASE WHEN (r.retry_after IS NOT NULL) THEN 'waiting' ELSE 'pending' END, processes.due_at=coalesce(r.retry_after, :now), processes.retry_after=coalesce(r.retry_after, processes.retry_after), processes.waiting_for=CASE WHEN (r.retry_after IS NOT NULL) THEN 'moment' END, processes.updated_at=:now WHERE processes.id IN (__[POSTCOMPILE_picked]) AND processes.id = r.id AND processes.status = 'waiting' AND coalesce(processes.waiting_for, '') = 'lane'
;
SELECT processes.id 
FROM processes 
WHERE processes.id IN (__[POSTCOMPILE_picked])
