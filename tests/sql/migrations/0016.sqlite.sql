-- up
CREATE TABLE sign_in_failures ( key_hash VARCHAR(64) NOT NULL, failures INTEGER NOT NULL, ends_at DATETIME NOT NULL, CONSTRAINT pk_sign_in_failures PRIMARY KEY (key_hash) ) WITHOUT ROWID;
-- down
DROP TABLE sign_in_failures;
