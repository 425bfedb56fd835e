-- up
CREATE TABLE IF NOT EXISTS sign_in_links ( hash VARCHAR(64) COLLATE "C" NOT NULL, user_name VARCHAR(100) COLLATE "C" NOT NULL, expires_at TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_sign_in_links PRIMARY KEY (hash) );
-- down
DROP TABLE IF EXISTS sign_in_links;
