-- up
CREATE INDEX IF NOT EXISTS ix_processes_attention ON processes (status, id);
-- down
DROP INDEX IF EXISTS ix_processes_attention ON processes;
