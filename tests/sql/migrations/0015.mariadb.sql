-- up
CREATE INDEX IF NOT EXISTS ix_processes_finished ON processes (finished_at, id);
-- down
DROP INDEX IF EXISTS ix_processes_finished ON processes;
