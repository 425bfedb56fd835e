-- up
CREATE TABLE bots ( id BIGINT NOT NULL IDENTITY, name NVARCHAR(150) COLLATE Latin1_General_100_BIN2 NOT NULL, description NVARCHAR(2000) NOT NULL, process NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, parameter_schema NVARCHAR(max) NOT NULL, default_parameters NVARCHAR(max) NOT NULL, version INTEGER NOT NULL DEFAULT '1', created_at DATETIME2(6) NOT NULL, created_by NVARCHAR(200) NOT NULL, changed_at DATETIME2(6) NOT NULL, disabled_at DATETIME2(6) NULL, CONSTRAINT pk_bots PRIMARY KEY (id) );
GO CREATE UNIQUE INDEX uq_bots_name ON bots (name);
GO CREATE TABLE bot_jobs ( process_id BIGINT NOT NULL, bot_id BIGINT NOT NULL, CONSTRAINT pk_bot_jobs PRIMARY KEY (process_id), CONSTRAINT fk_bot_jobs_process_id FOREIGN KEY(process_id) REFERENCES processes (id), CONSTRAINT fk_bot_jobs_bot_id FOREIGN KEY(bot_id) REFERENCES bots (id) );
GO CREATE INDEX ix_bot_jobs_bot ON bot_jobs (bot_id, process_id);
GO;
-- down
DROP TABLE bot_jobs;
GO DROP TABLE bots;
GO;
