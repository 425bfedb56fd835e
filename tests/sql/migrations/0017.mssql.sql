-- up
CREATE TABLE sign_in_links ( hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL, user_name NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, expires_at DATETIME2(6) NOT NULL, CONSTRAINT pk_sign_in_links PRIMARY KEY (hash) );
GO;
-- down
DROP TABLE sign_in_links;
GO;
