-- up
CREATE TABLE audit ( number BIGINT NOT NULL, at DATETIME2(6) NOT NULL, actor NVARCHAR(200) NOT NULL, actor_kind NVARCHAR(10) NOT NULL, role NVARCHAR(20) NOT NULL, way NVARCHAR(10) NOT NULL, address NVARCHAR(200) NULL, request_id NVARCHAR(100) NULL, act NVARCHAR(40) NOT NULL, name NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NULL, process_id BIGINT NULL, seq INTEGER NULL, target NVARCHAR(200) NULL, reason NVARCHAR(2000) NOT NULL, before NVARCHAR(max) NULL, after NVARCHAR(max) NULL, result NVARCHAR(10) NOT NULL, message NVARCHAR(2000) NOT NULL, hash NVARCHAR(64) NOT NULL, CONSTRAINT pk_audit PRIMARY KEY (number), CONSTRAINT ck_audit_result CHECK (result IN ('done', 'refused')) );
GO CREATE INDEX ix_audit_process ON audit (process_id, number);
GO CREATE INDEX ix_audit_actor ON audit (actor, number);
GO CREATE INDEX ix_audit_act ON audit (act, number);
GO CREATE INDEX ix_audit_name ON audit (name, number);
GO CREATE INDEX ix_audit_result ON audit (result, number);
GO CREATE INDEX ix_audit_at ON audit (at, number);
GO CREATE TABLE audit_head ( id INTEGER NOT NULL, number BIGINT NOT NULL, hash NVARCHAR(64) NOT NULL, CONSTRAINT pk_audit_head PRIMARY KEY (id), CONSTRAINT ck_audit_head_one_row CHECK (id = 1) );
GO INSERT INTO audit_head (id, number, hash) SELECT 1 AS id, 0 AS number, '0000000000000000000000000000000000000000000000000000000000000000' AS hash WHERE NOT (EXISTS (SELECT audit_head.id FROM audit_head WHERE audit_head.id = 1));
GO;
-- down
DROP TABLE audit_head;
GO DROP TABLE audit;
GO;
