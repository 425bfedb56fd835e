SELECT tasks.id, tasks.form, tasks.answer, tasks.answered_at, tasks.answered_by, tasks.answered_way 
FROM tasks 
WHERE tasks.process_id = :of_process AND tasks.step_key = :of_step AND tasks.round = :of_round ORDER BY tasks.seq DESC
 LIMIT 1 OFFSET 0
