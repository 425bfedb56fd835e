-- up
CREATE TABLE IF NOT EXISTS left_behind ( what VARCHAR(20) COLLATE utf8mb4_nopad_bin NOT NULL, number INTEGER NOT NULL, process_id BIGINT NOT NULL, found_at DATETIME(6) NOT NULL, CONSTRAINT pk_left_behind PRIMARY KEY (what) );
-- down
DROP TABLE IF EXISTS left_behind;
