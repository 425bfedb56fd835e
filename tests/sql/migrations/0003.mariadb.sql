-- up
ALTER TABLE processes ADD COLUMN IF NOT EXISTS command_key VARCHAR(64) COLLATE utf8mb4_nopad_bin;
CREATE INDEX IF NOT EXISTS ix_processes_command ON processes (command_key, id);
-- down
DROP INDEX IF EXISTS ix_processes_command ON processes;
ALTER TABLE processes DROP COLUMN IF EXISTS command_key;
