SELECT tasks.id, tasks.process_id, tasks.seq, tasks.step, tasks.step_key, tasks.round, tasks.title, tasks.details, tasks.group_name, tasks.form, tasks.form_schema, tasks.marks, tasks.not_by, tasks.overdue_to, tasks.remind_every, tasks.zone, tasks.holidays, tasks.asked_at, tasks.due_at, tasks.orders_at, tasks.overdue_at, tasks.remind_at, tasks.reminded_at, tasks.reminders, tasks.next_at, tasks.claimed_at, tasks.claimed_by, tasks.is_open, tasks.answered_at, tasks.answered_by, tasks.answered_way, tasks.answer 
FROM tasks 
WHERE tasks.id = :of_task
