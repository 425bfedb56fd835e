-- up
CREATE TABLE bots ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(150) NOT NULL, description VARCHAR(2000) NOT NULL, process VARCHAR(100) NOT NULL, parameter_schema TEXT NOT NULL, default_parameters TEXT NOT NULL, version INTEGER DEFAULT '1' NOT NULL, created_at DATETIME NOT NULL, created_by VARCHAR(200) NOT NULL, changed_at DATETIME NOT NULL, disabled_at DATETIME );
CREATE UNIQUE INDEX uq_bots_name ON bots (name);
CREATE TABLE bot_jobs ( process_id INTEGER NOT NULL, bot_id INTEGER NOT NULL, CONSTRAINT pk_bot_jobs PRIMARY KEY (process_id), CONSTRAINT fk_bot_jobs_process_id FOREIGN KEY(process_id) REFERENCES processes (id), CONSTRAINT fk_bot_jobs_bot_id FOREIGN KEY(bot_id) REFERENCES bots (id) ) WITHOUT ROWID;
CREATE INDEX ix_bot_jobs_bot ON bot_jobs (bot_id, process_id);
-- down
DROP TABLE bot_jobs;
DROP TABLE bots;
