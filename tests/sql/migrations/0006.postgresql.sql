-- up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_attention;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_processes_attention ON processes (status, id) WHERE status IN ('failed', 'uncertain', 'quarantined');
SET lock_timeout = '500ms';
-- down
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_attention;
SET lock_timeout = '500ms';
