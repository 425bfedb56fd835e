SELECT STRAIGHT_JOIN processes.id 
FROM JSON_TABLE(:going, '$[*]' COLUMNS (id BIGINT PATH '$[0]', fence BIGINT PATH '$[1]', `before` BIGINT PATH '$[2]', seq BIGINT PATH '$[3]', step VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[4]', payload LONGTEXT PATH '$[5]', at DATETIME(6) PATH '$[6]')) AS r, processes FORCE INDEX (PRIMARY) 
WHERE processes.id = r.id AND processes.fence = r.fence AND processes.status = 'running' AND processes.seq = r.`before` FOR UPDATE
;
UPDATE processes, JSON_TABLE(:going, '$[*]' COLUMNS (id BIGINT PATH '$[0]', fence BIGINT PATH '$[1]', `before` BIGINT PATH '$[2]', seq BIGINT PATH '$[3]', step VARCHAR(4000) COLLATE utf8mb4_nopad_bin PATH '$[4]', payload LONGTEXT PATH '$[5]', at DATETIME(6) PATH '$[6]')) AS r SET processes.step=r.step, processes.attempts=0, processes.attempts_since=NULL, processes.seq=r.seq, processes.crashes=0, processes.own_crashes=0, processes.doubtful_since=NULL, processes.retry_after=NULL, processes.step_started_at=r.at, processes.payload=coalesce(r.payload, processes.payload), processes.updated_at=r.at WHERE processes.id IN (__[POSTCOMPILE_picked]) AND processes.id = r.id AND processes.fence = r.fence AND processes.status = 'running' AND processes.seq = r.`before`
;
SELECT processes.id 
FROM processes 
WHERE processes.id IN (__[POSTCOMPILE_picked])
