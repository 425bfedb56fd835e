-- up
CREATE TABLE left_behind ( what NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NOT NULL, number INTEGER NOT NULL, process_id BIGINT NOT NULL, found_at DATETIME2(6) NOT NULL, CONSTRAINT pk_left_behind PRIMARY KEY (what) );
GO;
-- down
DROP TABLE left_behind;
GO;
