-- up
CREATE TABLE users ( name VARCHAR(100) NOT NULL, role VARCHAR(20) NOT NULL, kinds TEXT, password_hash VARCHAR(200) NOT NULL, password_changed_at DATETIME NOT NULL, failures INTEGER DEFAULT '0' NOT NULL, failing_since DATETIME, signed_in_at DATETIME, created_at DATETIME NOT NULL, created_by VARCHAR(200) NOT NULL, disabled_at DATETIME, CONSTRAINT pk_users PRIMARY KEY (name), CONSTRAINT ck_users_role CHECK (role IN ('viewer', 'caseworker', 'operator', 'admin')) ) WITHOUT ROWID;
CREATE TABLE tokens ( id INTEGER NOT NULL, name VARCHAR(100) NOT NULL, hash VARCHAR(64) NOT NULL, hint VARCHAR(12) NOT NULL, scopes TEXT NOT NULL, created_at DATETIME NOT NULL, created_by VARCHAR(200) NOT NULL, expires_at DATETIME NOT NULL, last_used_at DATETIME, revoked_at DATETIME, CONSTRAINT pk_tokens PRIMARY KEY (id) );
CREATE UNIQUE INDEX uq_tokens_hash ON tokens (hash);
-- down
DROP TABLE tokens;
DROP TABLE users;
