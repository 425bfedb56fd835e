WITH moving AS 
(UPDATE processes SET version=coalesce(r.version, processes.version), status=r.status, step=r.step, attempts=r.attempts, attempts_since=r.attempts_since, seq=r.seq, fence=(processes.fence + r.raises), crashes=r.crashes, own_crashes=r.own_crashes, doubtful_since=r.doubtful_since, reruns=coalesce(r.reruns, processes.reruns), due_at=r.due_at, retry_after=r.retry_after, waiting_for=r.waiting_for, worker=CASE WHEN (r.status = 'running') THEN processes.worker END, lease_ends_at=CASE WHEN (r.status = 'running') THEN processes.lease_ends_at END, step_started_at=CASE WHEN (r.status = 'running') THEN r.at END, payload=coalesce(r.payload, processes.payload), updated_at=r.at, finished_at=r.finished_at FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id, CAST(value ->> 1 AS BIGINT) AS fence, CAST(value ->> 2 AS BIGINT) AS raises, CAST(value ->> 3 AS BIGINT) AS before, CAST(value ->> 4 AS BIGINT) AS seq, (value ->> 5) AS status, (value ->> 6) AS step, CAST(value ->> 7 AS BIGINT) AS attempts, CAST((value ->> 8) || '+00' AS TIMESTAMPTZ) AS attempts_since, CAST(value ->> 9 AS BIGINT) AS crashes, CAST((value ->> 10) || '+00' AS TIMESTAMPTZ) AS due_at, CAST((value ->> 11) || '+00' AS TIMESTAMPTZ) AS retry_after, (value ->> 12) AS waiting_for, (value ->> 13) AS payload, CAST((value ->> 14) || '+00' AS TIMESTAMPTZ) AS finished_at, CAST(value ->> 15 AS BIGINT) AS version, (value ->> 16) AS reruns, CAST(value ->> 17 AS BIGINT) AS own_crashes, CAST((value ->> 18) || '+00' AS TIMESTAMPTZ) AS doubtful_since, CAST((value ->> 19) || '+00' AS TIMESTAMPTZ) AS at FROM jsonb_array_elements(CAST(:moving::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r WHERE processes.id = r.id AND processes.fence = r.fence AND processes.status = 'running' AND processes.seq = r.before RETURNING processes.id), 
told AS 
(INSERT INTO process_steps (process_id, seq, round, step, attempt, outcome, code, message, error, payload, started_at, finished_at, worker, by) SELECT n.process_id AS process_id, n.seq AS seq, n.round AS round, n.step AS step, n.attempt AS attempt, n.outcome AS outcome, n.code AS code, n.message AS message, n.error AS error, n.payload AS payload, n.started_at AS started_at, n.finished_at AS finished_at, n.worker AS worker, n.by AS by 
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS process_id, CAST(value ->> 1 AS BIGINT) AS seq, CAST(value ->> 2 AS BIGINT) AS round, (value ->> 3) AS step, CAST(value ->> 4 AS BIGINT) AS attempt, (value ->> 5) AS outcome, (value ->> 6) AS code, (value ->> 7) AS message, (value ->> 8) AS error, (value ->> 9) AS payload, CAST((value ->> 10) || '+00' AS TIMESTAMPTZ) AS started_at, CAST((value ->> 11) || '+00' AS TIMESTAMPTZ) AS finished_at, (value ->> 12) AS worker, (value ->> 13) AS by FROM jsonb_array_elements(CAST(:entries::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS n 
WHERE n.process_id = ANY (CAST((SELECT array_agg(moved.id) AS array_agg_1 
FROM (SELECT moving.id AS id 
FROM moving) AS moved) AS BIGINT[])) RETURNING process_steps.process_id), 
freed AS 
(SELECT led.order_key AS order_key, led.id AS id 
FROM (SELECT (value ->> 0) AS order_key, CAST(value ->> 1 AS BIGINT) AS id FROM jsonb_array_elements(CAST(:led::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS led 
WHERE led.id = ANY (CAST((SELECT array_agg(moved.id) AS array_agg_1 
FROM (SELECT moving.id AS id 
FROM moving) AS moved) AS BIGINT[]))), 
following AS 
(UPDATE processes SET status=CASE WHEN (processes.retry_after > :now::TIMESTAMP WITH TIME ZONE) THEN 'waiting' ELSE 'pending' END, due_at=CASE WHEN (processes.retry_after > :now::TIMESTAMP WITH TIME ZONE) THEN processes.retry_after ELSE :now::TIMESTAMP WITH TIME ZONE END, waiting_for=CASE WHEN (processes.retry_after > :now::TIMESTAMP WITH TIME ZONE) THEN 'moment' END, updated_at=:now::TIMESTAMP WITH TIME ZONE FROM (SELECT (SELECT CASE WHEN (q.order_key = freed.order_key) THEN q.id END AS anon_1 
FROM processes AS q 
WHERE q.order_key >= freed.order_key AND q.order_key IS NOT NULL AND q.finished_at IS NULL AND (q.id NOT IN (SELECT freed.id 
FROM freed)) ORDER BY q.order_key, q.id 
 LIMIT 1::INTEGER) AS id 
FROM freed) AS heads WHERE processes.id = heads.id AND processes.status = 'waiting' AND processes.waiting_for = 'lane')
 SELECT moved.id 
FROM (SELECT moving.id AS id 
FROM moving) AS moved
