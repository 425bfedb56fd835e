-- up
CREATE TABLE IF NOT EXISTS sign_in_failures ( key_hash VARCHAR(64) COLLATE utf8mb4_nopad_bin NOT NULL, failures INTEGER NOT NULL, ends_at DATETIME(6) NOT NULL, CONSTRAINT pk_sign_in_failures PRIMARY KEY (key_hash) );
-- down
DROP TABLE IF EXISTS sign_in_failures;
