-- up
CREATE INDEX IF NOT EXISTS ix_event_waits_key ON event_waits (`key`, is_open, process_id);
DROP INDEX IF EXISTS ix_event_waits_open ON event_waits;
CREATE INDEX IF NOT EXISTS ix_event_waits_open ON event_waits (`key`, process_id);
-- down
DROP INDEX IF EXISTS ix_event_waits_open ON event_waits;
CREATE INDEX IF NOT EXISTS ix_event_waits_open ON event_waits (`key`, is_open, process_id);
DROP INDEX IF EXISTS ix_event_waits_key ON event_waits;
