-- up
CREATE INDEX ix_processes_attention ON processes (status, id) WHERE status IN ('failed', 'uncertain', 'quarantined');
-- down
DROP INDEX ix_processes_attention;
