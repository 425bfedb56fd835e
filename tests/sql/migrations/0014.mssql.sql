-- up
CREATE TABLE sessions ( hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL, user_name NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, role NVARCHAR(20) NOT NULL, created_at DATETIME2(6) NOT NULL, seen_at DATETIME2(6) NOT NULL, expires_at DATETIME2(6) NOT NULL, CONSTRAINT pk_sessions PRIMARY KEY (hash) );
GO;
-- down
DROP TABLE sessions;
GO;
