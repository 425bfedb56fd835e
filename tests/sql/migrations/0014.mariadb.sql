-- up
CREATE TABLE IF NOT EXISTS sessions ( hash VARCHAR(64) COLLATE utf8mb4_nopad_bin NOT NULL, user_name VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, role VARCHAR(20) NOT NULL, created_at DATETIME(6) NOT NULL, seen_at DATETIME(6) NOT NULL, expires_at DATETIME(6) NOT NULL, CONSTRAINT pk_sessions PRIMARY KEY (hash) );
-- down
DROP TABLE IF EXISTS sessions;
