-- up
CREATE TABLE IF NOT EXISTS sent ( process_id BIGINT NOT NULL, fence BIGINT NOT NULL, channel VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, sent_at DATETIME(6) NOT NULL, CONSTRAINT pk_sent PRIMARY KEY (process_id, fence) );
-- down
DROP TABLE IF EXISTS sent;
