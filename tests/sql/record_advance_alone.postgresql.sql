WITH going AS 
(UPDATE processes SET step=r.step, attempts=0, attempts_since=NULL, seq=r.seq, crashes=0, own_crashes=0, doubtful_since=NULL, retry_after=NULL, step_started_at=r.at, payload=coalesce(r.payload, processes.payload), updated_at=r.at FROM (SELECT CAST(:going_id::VARCHAR AS BIGINT) AS id, CAST(:going_fence::VARCHAR AS BIGINT) AS fence, CAST(:going_before::VARCHAR AS BIGINT) AS before, CAST(:going_seq::VARCHAR AS BIGINT) AS seq, :going_step::VARCHAR AS step, :going_payload::VARCHAR AS payload, CAST(:going_at::VARCHAR || '+00' AS TIMESTAMP WITH TIME ZONE) AS at) AS r WHERE processes.id = r.id AND processes.fence = r.fence AND processes.status = 'running' AND processes.seq = r.before RETURNING processes.id), 
told AS 
(INSERT INTO process_steps (process_id, seq, round, step, attempt, outcome, code, message, error, payload, started_at, finished_at, worker, by) SELECT n.process_id AS process_id, n.seq AS seq, n.round AS round, n.step AS step, n.attempt AS attempt, n.outcome AS outcome, n.code AS code, n.message AS message, n.error AS error, n.payload AS payload, n.started_at AS started_at, n.finished_at AS finished_at, n.worker AS worker, n.by AS by 
FROM (SELECT CAST(:entries_process_id::VARCHAR AS BIGINT) AS process_id, CAST(:entries_seq::VARCHAR AS BIGINT) AS seq, CAST(:entries_round::VARCHAR AS BIGINT) AS round, :entries_step::VARCHAR AS step, CAST(:entries_attempt::VARCHAR AS BIGINT) AS attempt, :entries_outcome::VARCHAR AS outcome, :entries_code::VARCHAR AS code, :entries_message::VARCHAR AS message, :entries_error::VARCHAR AS error, :entries_payload::VARCHAR AS payload, CAST(:entries_started_at::VARCHAR || '+00' AS TIMESTAMP WITH TIME ZONE) AS started_at, CAST(:entries_finished_at::VARCHAR || '+00' AS TIMESTAMP WITH TIME ZONE) AS finished_at, :entries_worker::VARCHAR AS worker, :entries_by::VARCHAR AS by) AS n 
WHERE n.process_id = ANY (CAST((SELECT array_agg(moved.id) AS array_agg_1 
FROM (SELECT going.id AS id 
FROM going) AS moved) AS BIGINT[])) RETURNING process_steps.process_id)
 SELECT moved.id 
FROM (SELECT going.id AS id 
FROM going) AS moved
