SELECT tasks.id, tasks.form, tasks.answer, tasks.answered_at, tasks.answered_by, tasks.answered_way 
FROM tasks WITH (FORCESEEK) 
WHERE tasks.process_id = :of_process AND tasks.step_key = :of_step AND tasks.round = :of_round ORDER BY tasks.seq DESC
 OFFSET 0 ROWS
 FETCH FIRST 1 ROWS ONLY
