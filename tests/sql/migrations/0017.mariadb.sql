-- up
CREATE TABLE IF NOT EXISTS sign_in_links ( hash VARCHAR(64) COLLATE utf8mb4_nopad_bin NOT NULL, user_name VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, expires_at DATETIME(6) NOT NULL, CONSTRAINT pk_sign_in_links PRIMARY KEY (hash) );
-- down
DROP TABLE IF EXISTS sign_in_links;
