-- up
CREATE TABLE children ( parent_id INTEGER NOT NULL, "key" VARCHAR(200) NOT NULL, process_id INTEGER NOT NULL, CONSTRAINT pk_children PRIMARY KEY (parent_id, "key"), CONSTRAINT fk_children_parent_id FOREIGN KEY(parent_id) REFERENCES processes (id), CONSTRAINT fk_children_process_id FOREIGN KEY(process_id) REFERENCES processes (id) ) WITHOUT ROWID;
CREATE UNIQUE INDEX ix_children_process ON children (process_id);
CREATE TABLE joins ( parent_id INTEGER NOT NULL, open INTEGER NOT NULL, settled BIGINT NOT NULL, waits VARCHAR(3) NOT NULL, step_key VARCHAR(200) NOT NULL, seen BIGINT NOT NULL, waking INTEGER NOT NULL, CONSTRAINT pk_joins PRIMARY KEY (parent_id), CONSTRAINT fk_joins_parent_id FOREIGN KEY(parent_id) REFERENCES processes (id) ) WITHOUT ROWID;
CREATE INDEX ix_joins_waking ON joins (waking, parent_id) WHERE waking = 1;
-- down
DROP TABLE joins;
DROP TABLE children;
