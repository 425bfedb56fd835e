-- up
ALTER TABLE processes ADD COLUMN IF NOT EXISTS order_position VARCHAR(20) COLLATE "C";
ALTER TABLE lanes ADD COLUMN IF NOT EXISTS handled VARCHAR(20) COLLATE "C";
ALTER TABLE lanes ADD COLUMN IF NOT EXISTS supersedes INTEGER;
ALTER TABLE lanes ADD COLUMN IF NOT EXISTS spacing_ms INTEGER;
ALTER TABLE lanes ADD COLUMN IF NOT EXISTS free_at TIMESTAMP WITH TIME ZONE;
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_place;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_processes_place ON processes (order_key, order_position, id) WHERE order_key IS NOT NULL AND finished_at IS NULL;
SET lock_timeout = '500ms';
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_lane;
SET lock_timeout = '500ms';
-- down
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_lane;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_processes_lane ON processes (order_key, id) WHERE order_key IS NOT NULL AND finished_at IS NULL;
SET lock_timeout = '500ms';
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_place;
SET lock_timeout = '500ms';
ALTER TABLE lanes DROP COLUMN IF EXISTS free_at;
ALTER TABLE lanes DROP COLUMN IF EXISTS spacing_ms;
ALTER TABLE lanes DROP COLUMN IF EXISTS supersedes;
ALTER TABLE lanes DROP COLUMN IF EXISTS handled;
ALTER TABLE processes DROP COLUMN IF EXISTS order_position;
