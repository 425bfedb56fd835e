-- up
CREATE TABLE IF NOT EXISTS limits ( name VARCHAR(100) COLLATE "C" NOT NULL, period_ms BIGINT, declared INTEGER NOT NULL, chosen INTEGER, next_at TIMESTAMP WITH TIME ZONE, changed_at TIMESTAMP WITH TIME ZONE, changed_by VARCHAR(200), CONSTRAINT pk_limits PRIMARY KEY (name) );
CREATE TABLE IF NOT EXISTS seats ( process_id BIGINT NOT NULL, fence BIGINT NOT NULL, limit_name VARCHAR(100) COLLATE "C" NOT NULL, step VARCHAR(100) COLLATE "C" NOT NULL, taken_at TIMESTAMP WITH TIME ZONE NOT NULL, CONSTRAINT pk_seats PRIMARY KEY (process_id, fence), CONSTRAINT fk_seats_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
CREATE INDEX IF NOT EXISTS ix_seats_limit ON seats (limit_name, process_id);
ALTER TABLE processes ADD COLUMN IF NOT EXISTS pool_since TIMESTAMP WITH TIME ZONE;
ALTER TABLE processes ADD COLUMN IF NOT EXISTS pool VARCHAR(100) COLLATE "C";
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_pool;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_processes_pool ON processes (waiting_for, name, version, pool, pool_since, id) WHERE waiting_for = 'platform';
SET lock_timeout = '500ms';
-- down
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_processes_pool;
SET lock_timeout = '500ms';
ALTER TABLE processes DROP COLUMN IF EXISTS pool;
ALTER TABLE processes DROP COLUMN IF EXISTS pool_since;
DROP TABLE IF EXISTS seats;
DROP TABLE IF EXISTS limits;
