-- up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_dedup_keys_process;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_dedup_keys_process ON dedup_keys (process_id);
SET lock_timeout = '500ms';
-- down
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_dedup_keys_process;
SET lock_timeout = '500ms';
