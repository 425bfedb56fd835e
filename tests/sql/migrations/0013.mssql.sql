-- up
CREATE TABLE users ( name NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, role NVARCHAR(20) NOT NULL, kinds NVARCHAR(max) NULL, password_hash NVARCHAR(200) NOT NULL, password_changed_at DATETIME2(6) NOT NULL, failures INTEGER NOT NULL DEFAULT '0', failing_since DATETIME2(6) NULL, signed_in_at DATETIME2(6) NULL, created_at DATETIME2(6) NOT NULL, created_by NVARCHAR(200) NOT NULL, disabled_at DATETIME2(6) NULL, CONSTRAINT pk_users PRIMARY KEY (name), CONSTRAINT ck_users_role CHECK (role IN ('viewer', 'caseworker', 'operator', 'admin')) );
GO CREATE TABLE tokens ( id BIGINT NOT NULL IDENTITY, name NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, hash NVARCHAR(64) NOT NULL, hint NVARCHAR(12) NOT NULL, scopes NVARCHAR(max) NOT NULL, created_at DATETIME2(6) NOT NULL, created_by NVARCHAR(200) NOT NULL, expires_at DATETIME2(6) NOT NULL, last_used_at DATETIME2(6) NULL, revoked_at DATETIME2(6) NULL, CONSTRAINT pk_tokens PRIMARY KEY (id) );
GO CREATE UNIQUE INDEX uq_tokens_hash ON tokens (hash);
GO;
-- down
DROP TABLE tokens;
GO DROP TABLE users;
GO;
