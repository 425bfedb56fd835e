-- up
CREATE INDEX IF NOT EXISTS ix_processes_channel ON processes (name, version, channel, due_at, id);
CREATE INDEX IF NOT EXISTS ix_processes_trouble ON processes (status, id);
DROP INDEX IF EXISTS ix_processes_attention ON processes;
-- down
CREATE INDEX IF NOT EXISTS ix_processes_attention ON processes (status, id);
DROP INDEX IF EXISTS ix_processes_trouble ON processes;
DROP INDEX IF EXISTS ix_processes_channel ON processes;
