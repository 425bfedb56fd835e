-- up
CREATE TABLE sign_in_failures ( key_hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL, failures INTEGER NOT NULL, ends_at DATETIME2(6) NOT NULL, CONSTRAINT pk_sign_in_failures PRIMARY KEY (key_hash) );
GO;
-- down
DROP TABLE sign_in_failures;
GO;
