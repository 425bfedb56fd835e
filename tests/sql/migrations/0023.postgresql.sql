-- up
CREATE TABLE IF NOT EXISTS bots ( id BIGSERIAL NOT NULL, name VARCHAR(150) COLLATE "C" NOT NULL, description VARCHAR(2000) NOT NULL, process VARCHAR(100) COLLATE "C" NOT NULL, parameter_schema VARCHAR NOT NULL, default_parameters VARCHAR NOT NULL, version INTEGER DEFAULT '1' NOT NULL, created_at TIMESTAMP WITH TIME ZONE NOT NULL, created_by VARCHAR(200) NOT NULL, changed_at TIMESTAMP WITH TIME ZONE NOT NULL, disabled_at TIMESTAMP WITH TIME ZONE, CONSTRAINT pk_bots PRIMARY KEY (id) );
CREATE UNIQUE INDEX IF NOT EXISTS uq_bots_name ON bots (name);
CREATE TABLE IF NOT EXISTS bot_jobs ( process_id BIGINT NOT NULL, bot_id BIGINT NOT NULL, CONSTRAINT pk_bot_jobs PRIMARY KEY (process_id), CONSTRAINT fk_bot_jobs_process_id FOREIGN KEY(process_id) REFERENCES processes (id), CONSTRAINT fk_bot_jobs_bot_id FOREIGN KEY(bot_id) REFERENCES bots (id) );
CREATE INDEX IF NOT EXISTS ix_bot_jobs_bot ON bot_jobs (bot_id, process_id);
-- down
DROP TABLE IF EXISTS bot_jobs;
DROP TABLE IF EXISTS bots;
