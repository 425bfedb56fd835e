-- up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_channel;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_processes_channel ON processes (name, version, channel, due_at, id) WHERE due_at IS NOT NULL;
SET lock_timeout = '500ms';
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_trouble;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_processes_trouble ON processes (status, id) WHERE status IN ('failed', 'uncertain', 'quarantined', 'rejected', 'abandoned');
SET lock_timeout = '500ms';
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_attention;
SET lock_timeout = '500ms';
-- down
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_attention;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_processes_attention ON processes (status, id) WHERE status IN ('failed', 'uncertain', 'quarantined');
SET lock_timeout = '500ms';
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_trouble;
SET lock_timeout = '500ms';
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_channel;
SET lock_timeout = '500ms';
