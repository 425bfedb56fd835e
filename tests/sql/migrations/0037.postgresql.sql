-- up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_event_waits_key;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_event_waits_key ON event_waits (key, is_open, process_id);
SET lock_timeout = '500ms';
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_event_waits_open;
SET lock_timeout = '500ms';
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_event_waits_open;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_event_waits_open ON event_waits (key, process_id) WHERE is_open = 1;
SET lock_timeout = '500ms';
-- down
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_event_waits_open;
SET lock_timeout = '500ms';
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_event_waits_open;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_event_waits_open ON event_waits (key, is_open, process_id) WHERE is_open = 1;
SET lock_timeout = '500ms';
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_event_waits_key;
SET lock_timeout = '500ms';
