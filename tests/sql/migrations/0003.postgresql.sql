-- up
ALTER TABLE processes ADD COLUMN IF NOT EXISTS command_key VARCHAR(64) COLLATE "C";
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_command;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_processes_command ON processes (command_key, id) WHERE command_key IS NOT NULL;
SET lock_timeout = '500ms';
-- down
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_command;
SET lock_timeout = '500ms';
ALTER TABLE processes DROP COLUMN IF EXISTS command_key;
