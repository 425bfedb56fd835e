SELECT schedules.name, schedules.process, schedules.version, schedules.next_at 
FROM schedules 
WHERE schedules.next_at IS NOT NULL AND schedules.paused_at IS NULL ORDER BY schedules.next_at, schedules.name
