WITH going AS 
(UPDATE processes SET step=r.step, attempts=0, attempts_since=NULL, seq=r.seq, crashes=0, own_crashes=0, doubtful_since=NULL, retry_after=NULL, step_started_at=r.at, payload=coalesce(r.payload, processes.payload), updated_at=r.at FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id, CAST(value ->> 1 AS BIGINT) AS fence, CAST(value ->> 2 AS BIGINT) AS before, CAST(value ->> 3 AS BIGINT) AS seq, (value ->> 4) AS step, (value ->> 5) AS payload, CAST((value ->> 6) || '+00' AS TIMESTAMPTZ) AS at FROM jsonb_array_elements(CAST(:going::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS r WHERE processes.id = r.id AND processes.fence = r.fence AND processes.status = 'running' AND processes.seq = r.before RETURNING processes.id), 
told AS 
(INSERT INTO process_steps (process_id, seq, round, step, attempt, outcome, code, message, error, payload, started_at, finished_at, worker, by) SELECT n.process_id AS process_id, n.seq AS seq, n.round AS round, n.step AS step, n.attempt AS attempt, n.outcome AS outcome, n.code AS code, n.message AS message, n.error AS error, n.payload AS payload, n.started_at AS started_at, n.finished_at AS finished_at, n.worker AS worker, n.by AS by 
FROM (SELECT CAST(value ->> 0 AS BIGINT) AS process_id, CAST(value ->> 1 AS BIGINT) AS seq, CAST(value ->> 2 AS BIGINT) AS round, (value ->> 3) AS step, CAST(value ->> 4 AS BIGINT) AS attempt, (value ->> 5) AS outcome, (value ->> 6) AS code, (value ->> 7) AS message, (value ->> 8) AS error, (value ->> 9) AS payload, CAST((value ->> 10) || '+00' AS TIMESTAMPTZ) AS started_at, CAST((value ->> 11) || '+00' AS TIMESTAMPTZ) AS finished_at, (value ->> 12) AS worker, (value ->> 13) AS by FROM jsonb_array_elements(CAST(:entries::VARCHAR AS JSONB)) AS given(value) WHERE jsonb_typeof(value) = 'array') AS n 
WHERE n.process_id = ANY (CAST((SELECT array_agg(moved.id) AS array_agg_1 
FROM (SELECT going.id AS id 
FROM going) AS moved) AS BIGINT[])) RETURNING process_steps.process_id)
 SELECT moved.id 
FROM (SELECT going.id AS id 
FROM going) AS moved
