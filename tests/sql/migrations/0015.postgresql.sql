-- up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_finished;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_processes_finished ON processes (finished_at, id) WHERE finished_at IS NOT NULL;
SET lock_timeout = '500ms';
-- down
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_finished;
SET lock_timeout = '500ms';
