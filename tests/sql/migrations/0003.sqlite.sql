-- up
ALTER TABLE processes ADD COLUMN command_key VARCHAR(64);
CREATE INDEX ix_processes_command ON processes (command_key, id) WHERE command_key IS NOT NULL;
-- down
DROP INDEX ix_processes_command;
ALTER TABLE processes DROP COLUMN command_key;
