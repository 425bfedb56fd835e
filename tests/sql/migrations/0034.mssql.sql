-- up
CREATE TABLE children ( parent_id BIGINT NOT NULL, [key] NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL, process_id BIGINT NOT NULL, CONSTRAINT pk_children PRIMARY KEY (parent_id, [key]), CONSTRAINT fk_children_parent_id FOREIGN KEY(parent_id) REFERENCES processes (id), CONSTRAINT fk_children_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
GO CREATE UNIQUE INDEX ix_children_process ON children (process_id);
GO CREATE TABLE joins ( parent_id BIGINT NOT NULL, [open] INTEGER NOT NULL, settled BIGINT NOT NULL, waits NVARCHAR(3) NOT NULL, step_key NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL, seen BIGINT NOT NULL, waking INTEGER NOT NULL, CONSTRAINT pk_joins PRIMARY KEY (parent_id), CONSTRAINT fk_joins_parent_id FOREIGN KEY(parent_id) REFERENCES processes (id) );
GO CREATE INDEX ix_joins_waking ON joins (waking, parent_id) WHERE waking = 1;
GO;
-- down
DROP TABLE joins;
GO DROP TABLE children;
GO;
