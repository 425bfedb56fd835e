-- up
ALTER TABLE processes ADD COLUMN IF NOT EXISTS cause VARCHAR(16) COLLATE utf8mb4_nopad_bin;
ALTER TABLE processes ADD COLUMN IF NOT EXISTS stopped_at DATETIME(6);
CREATE INDEX IF NOT EXISTS ix_processes_cause ON processes (cause, status, stopped_at, id);
UPDATE processes SET cause = '', stopped_at = updated_at WHERE status IN ('failed', 'uncertain', 'quarantined');
-- down
DROP INDEX IF EXISTS ix_processes_cause ON processes;
ALTER TABLE processes DROP COLUMN IF EXISTS stopped_at;
ALTER TABLE processes DROP COLUMN IF EXISTS cause;
