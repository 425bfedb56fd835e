-- up
CREATE INDEX ix_event_waits_key ON event_waits ([key], is_open, process_id);
GO DROP INDEX ix_event_waits_open ON event_waits;
GO CREATE INDEX ix_event_waits_open ON event_waits ([key], process_id) INCLUDE (number) WHERE is_open = 1;
GO;
-- down
DROP INDEX ix_event_waits_open ON event_waits;
GO CREATE INDEX ix_event_waits_open ON event_waits ([key], is_open, process_id) INCLUDE (number) WHERE is_open = 1;
GO DROP INDEX ix_event_waits_key ON event_waits;
GO;
