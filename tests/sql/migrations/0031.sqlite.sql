-- up
CREATE TABLE schedules ( name VARCHAR(100) NOT NULL, process VARCHAR(100) NOT NULL, version INTEGER, rule VARCHAR(1000) NOT NULL, zone VARCHAR(100) NOT NULL, working_days VARCHAR(10) NOT NULL, holidays VARCHAR(200) NOT NULL, missed VARCHAR(10) NOT NULL, overlap VARCHAR(10) NOT NULL, jitter INTEGER NOT NULL, parameters TEXT NOT NULL, next_at DATETIME, slot_at DATETIME, process_id INTEGER, told VARCHAR(2000), paused_at DATETIME, paused_by VARCHAR(200), paused_reason VARCHAR(2000), created_at DATETIME NOT NULL, created_by VARCHAR(200) NOT NULL, changed_at DATETIME NOT NULL, CONSTRAINT pk_schedules PRIMARY KEY (name) ) WITHOUT ROWID;
-- down
DROP TABLE schedules;
