-- up
CREATE TABLE sent ( process_id BIGINT NOT NULL, fence BIGINT NOT NULL, channel NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, sent_at DATETIME2(6) NOT NULL, CONSTRAINT pk_sent PRIMARY KEY (process_id, fence) );
GO;
-- down
DROP TABLE sent;
GO;
