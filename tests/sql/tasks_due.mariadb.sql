SELECT tasks.id, tasks.process_id, tasks.step, tasks.group_name, tasks.due_at, tasks.overdue_at, tasks.overdue_to, tasks.remind_every, tasks.remind_at, tasks.reminders, tasks.zone, tasks.holidays 
FROM tasks 
WHERE tasks.next_at <= :now ORDER BY tasks.next_at, tasks.id 
 LIMIT 100 FOR UPDATE SKIP LOCKED
