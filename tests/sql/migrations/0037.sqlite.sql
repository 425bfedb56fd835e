-- up
CREATE INDEX ix_event_waits_key ON event_waits ("key", is_open, process_id);
DROP INDEX ix_event_waits_open;
CREATE INDEX ix_event_waits_open ON event_waits ("key", process_id) WHERE is_open = 1;
-- down
DROP INDEX ix_event_waits_open;
CREATE INDEX ix_event_waits_open ON event_waits ("key", is_open, process_id) WHERE is_open = 1;
DROP INDEX ix_event_waits_key;
