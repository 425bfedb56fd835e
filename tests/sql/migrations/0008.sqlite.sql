-- up
CREATE TABLE left_behind ( what VARCHAR(20) NOT NULL, number INTEGER NOT NULL, process_id INTEGER NOT NULL, found_at DATETIME NOT NULL, CONSTRAINT pk_left_behind PRIMARY KEY (what) ) WITHOUT ROWID;
-- down
DROP TABLE left_behind;
