-- up
CREATE TABLE events ( [key] NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL, number BIGINT NOT NULL DEFAULT '0', stated_at DATETIME2(6) NULL, waking INTEGER NOT NULL DEFAULT '0', CONSTRAINT pk_events PRIMARY KEY ([key]) );
GO CREATE INDEX ix_events_waking ON events (waking, [key]) WHERE waking = 1;
GO CREATE TABLE event_signals ( [key] NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL, number BIGINT NOT NULL, stated_at DATETIME2(6) NOT NULL, payload NVARCHAR(max) NULL, [by] NVARCHAR(200) NOT NULL, withdrawn_at DATETIME2(6) NULL, withdrawn_by NVARCHAR(200) NULL, CONSTRAINT pk_event_signals PRIMARY KEY ([key], number) );
GO CREATE TABLE event_waits ( process_id BIGINT NOT NULL, seq INTEGER NOT NULL, [key] NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL, number BIGINT NOT NULL, step_key NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL, is_open INTEGER NOT NULL, woken_number BIGINT NULL, woken_seq INTEGER NULL, CONSTRAINT pk_event_waits PRIMARY KEY (process_id, seq), CONSTRAINT fk_event_waits_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
GO CREATE INDEX ix_event_waits_open ON event_waits ([key], is_open, process_id) INCLUDE (number) WHERE is_open = 1;
GO;
-- down
DROP TABLE event_waits;
GO DROP TABLE event_signals;
GO DROP TABLE events;
GO;
