SELECT tasks.id, tasks.form, tasks.answer, tasks.answered_at, tasks.answered_by, tasks.answered_way 
FROM tasks 
WHERE tasks.process_id = :of_process::BIGINT AND tasks.step_key = :of_step::VARCHAR AND tasks.round = :of_round::INTEGER ORDER BY tasks.seq DESC 
 LIMIT 1
