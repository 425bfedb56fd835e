-- up
CREATE TABLE sessions ( hash VARCHAR(64) NOT NULL, user_name VARCHAR(100) NOT NULL, role VARCHAR(20) NOT NULL, created_at DATETIME NOT NULL, seen_at DATETIME NOT NULL, expires_at DATETIME NOT NULL, CONSTRAINT pk_sessions PRIMARY KEY (hash) ) WITHOUT ROWID;
-- down
DROP TABLE sessions;
