-- up
CREATE TABLE audit ( number BIGINT NOT NULL, at DATETIME NOT NULL, actor VARCHAR(200) NOT NULL, actor_kind VARCHAR(10) NOT NULL, role VARCHAR(20) NOT NULL, way VARCHAR(10) NOT NULL, address VARCHAR(200), request_id VARCHAR(100), act VARCHAR(40) NOT NULL, name VARCHAR(100), process_id INTEGER, seq INTEGER, target VARCHAR(200), reason VARCHAR(2000) NOT NULL, "before" TEXT, "after" TEXT, result VARCHAR(10) NOT NULL, message VARCHAR(2000) NOT NULL, hash VARCHAR(64) NOT NULL, CONSTRAINT pk_audit PRIMARY KEY (number), CONSTRAINT ck_audit_result CHECK (result IN ('done', 'refused')) ) WITHOUT ROWID;
CREATE INDEX ix_audit_process ON audit (process_id, number);
CREATE INDEX ix_audit_actor ON audit (actor, number);
CREATE INDEX ix_audit_act ON audit (act, number);
CREATE INDEX ix_audit_name ON audit (name, number);
CREATE INDEX ix_audit_result ON audit (result, number);
CREATE INDEX ix_audit_at ON audit (at, number);
CREATE TABLE audit_head ( id INTEGER NOT NULL, number BIGINT NOT NULL, hash VARCHAR(64) NOT NULL, CONSTRAINT pk_audit_head PRIMARY KEY (id), CONSTRAINT ck_audit_head_one_row CHECK (id = 1) );
INSERT INTO audit_head (id, number, hash) SELECT 1 AS id, 0 AS number, '0000000000000000000000000000000000000000000000000000000000000000' AS hash WHERE NOT (EXISTS (SELECT audit_head.id FROM audit_head WHERE audit_head.id = 1));
-- down
DROP TABLE audit_head;
DROP TABLE audit;
