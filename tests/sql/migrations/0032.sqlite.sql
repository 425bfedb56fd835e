-- up
CREATE TABLE limits ( name VARCHAR(100) NOT NULL, period_ms BIGINT, declared INTEGER NOT NULL, chosen INTEGER, next_at DATETIME, changed_at DATETIME, changed_by VARCHAR(200), CONSTRAINT pk_limits PRIMARY KEY (name) ) WITHOUT ROWID;
CREATE TABLE seats ( process_id INTEGER NOT NULL, fence BIGINT NOT NULL, limit_name VARCHAR(100) NOT NULL, step VARCHAR(100) NOT NULL, taken_at DATETIME NOT NULL, CONSTRAINT pk_seats PRIMARY KEY (process_id, fence), CONSTRAINT fk_seats_process_id FOREIGN KEY(process_id) REFERENCES processes (id) ) WITHOUT ROWID;
CREATE INDEX ix_seats_limit ON seats (limit_name, process_id);
ALTER TABLE processes ADD COLUMN pool_since DATETIME;
ALTER TABLE processes ADD COLUMN pool VARCHAR(100);
CREATE INDEX ix_processes_pool ON processes (waiting_for, name, version, pool, pool_since, id) WHERE waiting_for = 'platform';
-- down
DROP INDEX ix_processes_pool;
ALTER TABLE processes DROP COLUMN pool;
ALTER TABLE processes DROP COLUMN pool_since;
DROP TABLE seats;
DROP TABLE limits;
