-- up
ALTER TABLE processes ADD COLUMN cause VARCHAR(16);
ALTER TABLE processes ADD COLUMN stopped_at DATETIME;
CREATE INDEX ix_processes_cause ON processes (cause, status, stopped_at, id) WHERE cause IS NOT NULL AND status IN ('failed', 'uncertain', 'quarantined');
UPDATE processes SET cause = '', stopped_at = updated_at WHERE status IN ('failed', 'uncertain', 'quarantined');
-- down
DROP INDEX ix_processes_cause;
ALTER TABLE processes DROP COLUMN stopped_at;
ALTER TABLE processes DROP COLUMN cause;
