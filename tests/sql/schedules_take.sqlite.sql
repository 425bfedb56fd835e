SELECT schedules.name, schedules.process, schedules.version, schedules.rule, schedules.zone, schedules.working_days, schedules.holidays, schedules.missed, schedules.overlap, schedules.jitter, schedules.parameters, schedules.next_at, schedules.slot_at, schedules.process_id, schedules.told, schedules.paused_at, schedules.paused_by, schedules.paused_reason, schedules.created_at, schedules.created_by, schedules.changed_at 
FROM schedules 
WHERE schedules.name = :name AND schedules.next_at IS NOT NULL AND schedules.paused_at IS NULL
