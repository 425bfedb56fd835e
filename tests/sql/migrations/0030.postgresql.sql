-- up
CREATE TABLE IF NOT EXISTS events ( key VARCHAR(200) COLLATE "C" NOT NULL, number BIGINT DEFAULT '0' NOT NULL, stated_at TIMESTAMP WITH TIME ZONE, waking INTEGER DEFAULT '0' NOT NULL, CONSTRAINT pk_events PRIMARY KEY (key) );
CREATE INDEX IF NOT EXISTS ix_events_waking ON events (waking, key) WHERE waking = 1;
CREATE TABLE IF NOT EXISTS event_signals ( key VARCHAR(200) COLLATE "C" NOT NULL, number BIGINT NOT NULL, stated_at TIMESTAMP WITH TIME ZONE NOT NULL, payload VARCHAR, by VARCHAR(200) NOT NULL, withdrawn_at TIMESTAMP WITH TIME ZONE, withdrawn_by VARCHAR(200), CONSTRAINT pk_event_signals PRIMARY KEY (key, number) );
CREATE TABLE IF NOT EXISTS event_waits ( process_id BIGINT NOT NULL, seq INTEGER NOT NULL, key VARCHAR(200) COLLATE "C" NOT NULL, number BIGINT NOT NULL, step_key VARCHAR(200) COLLATE "C" NOT NULL, is_open INTEGER NOT NULL, woken_number BIGINT, woken_seq INTEGER, CONSTRAINT pk_event_waits PRIMARY KEY (process_id, seq), CONSTRAINT fk_event_waits_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
CREATE INDEX IF NOT EXISTS ix_event_waits_open ON event_waits (key, is_open, process_id) WHERE is_open = 1;
-- down
DROP TABLE IF EXISTS event_waits;
DROP TABLE IF EXISTS event_signals;
DROP TABLE IF EXISTS events;
