-- up
CREATE TABLE IF NOT EXISTS users ( name VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, role VARCHAR(20) NOT NULL, kinds LONGTEXT, password_hash VARCHAR(200) NOT NULL, password_changed_at DATETIME(6) NOT NULL, failures INTEGER NOT NULL DEFAULT '0', failing_since DATETIME(6), signed_in_at DATETIME(6), created_at DATETIME(6) NOT NULL, created_by VARCHAR(200) NOT NULL, disabled_at DATETIME(6), CONSTRAINT pk_users PRIMARY KEY (name), CONSTRAINT ck_users_role CHECK (role IN ('viewer', 'caseworker', 'operator', 'admin')) );
CREATE TABLE IF NOT EXISTS tokens ( id BIGINT NOT NULL AUTO_INCREMENT, name VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, hash VARCHAR(64) NOT NULL, hint VARCHAR(12) NOT NULL, scopes LONGTEXT NOT NULL, created_at DATETIME(6) NOT NULL, created_by VARCHAR(200) NOT NULL, expires_at DATETIME(6) NOT NULL, last_used_at DATETIME(6), revoked_at DATETIME(6), CONSTRAINT pk_tokens PRIMARY KEY (id) );
CREATE UNIQUE INDEX IF NOT EXISTS uq_tokens_hash ON tokens (hash);
-- down
DROP TABLE IF EXISTS tokens;
DROP TABLE IF EXISTS users;
