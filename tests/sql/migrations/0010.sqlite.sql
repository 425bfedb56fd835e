-- up
CREATE INDEX ix_processes_channel ON processes (name, version, channel, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX ix_processes_trouble ON processes (status, id) WHERE status IN ('failed', 'uncertain', 'quarantined', 'rejected', 'abandoned');
DROP INDEX ix_processes_attention;
-- down
CREATE INDEX ix_processes_attention ON processes (status, id) WHERE status IN ('failed', 'uncertain', 'quarantined');
DROP INDEX ix_processes_trouble;
DROP INDEX ix_processes_channel;
