-- up
CREATE INDEX ix_processes_channel ON processes (name, version, channel, due_at, id) INCLUDE (step, command_key) WHERE due_at IS NOT NULL;
GO CREATE INDEX ix_processes_trouble ON processes (status, id) WHERE status IN ('failed', 'uncertain', 'quarantined', 'rejected', 'abandoned');
GO DROP INDEX ix_processes_attention ON processes;
GO;
-- down
CREATE INDEX ix_processes_attention ON processes (status, id) WHERE status IN ('failed', 'uncertain', 'quarantined');
GO DROP INDEX ix_processes_trouble ON processes;
GO DROP INDEX ix_processes_channel ON processes;
GO;
