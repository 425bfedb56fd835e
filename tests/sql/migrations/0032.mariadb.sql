-- up
CREATE TABLE IF NOT EXISTS limits ( name VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, period_ms BIGINT, declared INTEGER NOT NULL, chosen INTEGER, next_at DATETIME(6), changed_at DATETIME(6), changed_by VARCHAR(200), CONSTRAINT pk_limits PRIMARY KEY (name) );
CREATE TABLE IF NOT EXISTS seats ( process_id BIGINT NOT NULL, fence BIGINT NOT NULL, limit_name VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, step VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, taken_at DATETIME(6) NOT NULL, CONSTRAINT pk_seats PRIMARY KEY (process_id, fence), CONSTRAINT fk_seats_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
CREATE INDEX IF NOT EXISTS ix_seats_limit ON seats (limit_name, process_id);
ALTER TABLE processes ADD COLUMN IF NOT EXISTS pool_since DATETIME(6);
ALTER TABLE processes ADD COLUMN IF NOT EXISTS pool VARCHAR(100) COLLATE utf8mb4_nopad_bin;
CREATE INDEX IF NOT EXISTS ix_processes_pool ON processes (waiting_for, name, version, pool, pool_since, id);
-- down
DROP INDEX IF EXISTS ix_processes_pool ON processes;
ALTER TABLE processes DROP COLUMN IF EXISTS pool;
ALTER TABLE processes DROP COLUMN IF EXISTS pool_since;
DROP TABLE IF EXISTS seats;
DROP TABLE IF EXISTS limits;
