-- up
CREATE TABLE IF NOT EXISTS sign_in_failures ( key_hash VARCHAR(64) COLLATE "C" NOT NULL, failures INTEGER NOT NULL, ends_at TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_sign_in_failures PRIMARY KEY (key_hash) );
-- down
DROP TABLE IF EXISTS sign_in_failures;
