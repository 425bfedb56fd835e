-- up
CREATE TABLE sent ( process_id INTEGER NOT NULL, fence BIGINT NOT NULL, channel VARCHAR(100) NOT NULL, sent_at DATETIME NOT NULL, CONSTRAINT pk_sent PRIMARY KEY (process_id, fence) ) WITHOUT ROWID;
-- down
DROP TABLE sent;
