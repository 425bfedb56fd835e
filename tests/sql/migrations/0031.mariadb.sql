-- up
CREATE TABLE IF NOT EXISTS schedules ( name VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, process VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, version INTEGER, rule VARCHAR(1000) NOT NULL, zone VARCHAR(100) NOT NULL, working_days VARCHAR(10) NOT NULL, holidays VARCHAR(200) NOT NULL, missed VARCHAR(10) NOT NULL, overlap VARCHAR(10) NOT NULL, jitter INTEGER NOT NULL, parameters LONGTEXT NOT NULL, next_at DATETIME(6), slot_at DATETIME(6), process_id BIGINT, told VARCHAR(2000), paused_at DATETIME(6), paused_by VARCHAR(200), paused_reason VARCHAR(2000), created_at DATETIME(6) NOT NULL, created_by VARCHAR(200) NOT NULL, changed_at DATETIME(6) NOT NULL, CONSTRAINT pk_schedules PRIMARY KEY (name) );
-- down
DROP TABLE IF EXISTS schedules;
