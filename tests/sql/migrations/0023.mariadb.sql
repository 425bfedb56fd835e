-- up
CREATE TABLE IF NOT EXISTS bots ( id BIGINT NOT NULL AUTO_INCREMENT, name VARCHAR(150) COLLATE utf8mb4_nopad_bin NOT NULL, description VARCHAR(2000) NOT NULL, process VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, parameter_schema LONGTEXT NOT NULL, default_parameters LONGTEXT NOT NULL, version INTEGER NOT NULL DEFAULT '1', created_at DATETIME(6) NOT NULL, created_by VARCHAR(200) NOT NULL, changed_at DATETIME(6) NOT NULL, disabled_at DATETIME(6), CONSTRAINT pk_bots PRIMARY KEY (id) );
CREATE UNIQUE INDEX IF NOT EXISTS uq_bots_name ON bots (name);
CREATE TABLE IF NOT EXISTS bot_jobs ( process_id BIGINT NOT NULL, bot_id BIGINT NOT NULL, CONSTRAINT pk_bot_jobs PRIMARY KEY (process_id), CONSTRAINT fk_bot_jobs_process_id FOREIGN KEY(process_id) REFERENCES processes (id), CONSTRAINT fk_bot_jobs_bot_id FOREIGN KEY(bot_id) REFERENCES bots (id) );
CREATE INDEX IF NOT EXISTS ix_bot_jobs_bot ON bot_jobs (bot_id, process_id);
-- down
DROP TABLE IF EXISTS bot_jobs;
DROP TABLE IF EXISTS bots;
