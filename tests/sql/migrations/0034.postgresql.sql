-- up
CREATE TABLE IF NOT EXISTS children ( parent_id BIGINT NOT NULL, key VARCHAR(200) COLLATE "C" NOT NULL, process_id BIGINT NOT NULL, CONSTRAINT pk_children PRIMARY KEY (parent_id, key), CONSTRAINT fk_children_parent_id FOREIGN KEY(parent_id) REFERENCES processes (id), CONSTRAINT fk_children_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
CREATE UNIQUE INDEX IF NOT EXISTS ix_children_process ON children (process_id);
CREATE TABLE IF NOT EXISTS joins ( parent_id BIGINT NOT NULL, open INTEGER NOT NULL, settled BIGINT NOT NULL, waits VARCHAR(3) NOT NULL, step_key VARCHAR(200) COLLATE "C" NOT NULL, seen BIGINT NOT NULL, waking INTEGER NOT NULL, CONSTRAINT pk_joins PRIMARY KEY (parent_id), CONSTRAINT fk_joins_parent_id FOREIGN KEY(parent_id) REFERENCES processes (id) );
CREATE INDEX IF NOT EXISTS ix_joins_waking ON joins (waking, parent_id) WHERE waking = 1;
-- down
DROP TABLE IF EXISTS joins;
DROP TABLE IF EXISTS children;
