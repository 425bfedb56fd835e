-- up
ALTER TABLE processes ADD COLUMN IF NOT EXISTS cause VARCHAR(16) COLLATE "C";
ALTER TABLE processes ADD COLUMN IF NOT EXISTS stopped_at TIMESTAMP WITH TIME ZONE;
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_cause;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_processes_cause ON processes (cause, status, stopped_at, id) WHERE cause IS NOT NULL AND status IN ('failed', 'uncertain', 'quarantined');
SET lock_timeout = '500ms';
UPDATE processes SET cause = '', stopped_at = updated_at WHERE status IN ('failed', 'uncertain', 'quarantined');
-- down
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_cause;
SET lock_timeout = '500ms';
ALTER TABLE processes DROP COLUMN IF EXISTS stopped_at;
ALTER TABLE processes DROP COLUMN IF EXISTS cause;
