-- up
CREATE TABLE IF NOT EXISTS events ( `key` VARCHAR(200) COLLATE utf8mb4_nopad_bin NOT NULL, number BIGINT NOT NULL DEFAULT '0', stated_at DATETIME(6), waking INTEGER NOT NULL DEFAULT '0', CONSTRAINT pk_events PRIMARY KEY (`key`) );
CREATE INDEX IF NOT EXISTS ix_events_waking ON events (waking, `key`);
CREATE TABLE IF NOT EXISTS event_signals ( `key` VARCHAR(200) COLLATE utf8mb4_nopad_bin NOT NULL, number BIGINT NOT NULL, stated_at DATETIME(6) NOT NULL, payload LONGTEXT, `by` VARCHAR(200) NOT NULL, withdrawn_at DATETIME(6), withdrawn_by VARCHAR(200), CONSTRAINT pk_event_signals PRIMARY KEY (`key`, number) );
CREATE TABLE IF NOT EXISTS event_waits ( process_id BIGINT NOT NULL, seq INTEGER NOT NULL, `key` VARCHAR(200) COLLATE utf8mb4_nopad_bin NOT NULL, number BIGINT NOT NULL, step_key VARCHAR(200) COLLATE utf8mb4_nopad_bin NOT NULL, is_open INTEGER NOT NULL, woken_number BIGINT, woken_seq INTEGER, CONSTRAINT pk_event_waits PRIMARY KEY (process_id, seq), CONSTRAINT fk_event_waits_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
CREATE INDEX IF NOT EXISTS ix_event_waits_open ON event_waits (`key`, is_open, process_id);
-- down
DROP TABLE IF EXISTS event_waits;
DROP TABLE IF EXISTS event_signals;
DROP TABLE IF EXISTS events;
