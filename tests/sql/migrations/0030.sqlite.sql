-- up
CREATE TABLE events ( "key" VARCHAR(200) NOT NULL, number BIGINT DEFAULT '0' NOT NULL, stated_at DATETIME, waking INTEGER DEFAULT '0' NOT NULL, CONSTRAINT pk_events PRIMARY KEY ("key") ) WITHOUT ROWID;
CREATE INDEX ix_events_waking ON events (waking, "key") WHERE waking = 1;
CREATE TABLE event_signals ( "key" VARCHAR(200) NOT NULL, number BIGINT NOT NULL, stated_at DATETIME NOT NULL, payload TEXT, "by" VARCHAR(200) NOT NULL, withdrawn_at DATETIME, withdrawn_by VARCHAR(200), CONSTRAINT pk_event_signals PRIMARY KEY ("key", number) ) WITHOUT ROWID;
CREATE TABLE event_waits ( process_id INTEGER NOT NULL, seq INTEGER NOT NULL, "key" VARCHAR(200) NOT NULL, number BIGINT NOT NULL, step_key VARCHAR(200) NOT NULL, is_open INTEGER NOT NULL, woken_number BIGINT, woken_seq INTEGER, CONSTRAINT pk_event_waits PRIMARY KEY (process_id, seq), CONSTRAINT fk_event_waits_process_id FOREIGN KEY(process_id) REFERENCES processes (id) ) WITHOUT ROWID;
CREATE INDEX ix_event_waits_open ON event_waits ("key", is_open, process_id) WHERE is_open = 1;
-- down
DROP TABLE event_waits;
DROP TABLE event_signals;
DROP TABLE events;
