-- up
CREATE TABLE IF NOT EXISTS search_values ( process_id BIGINT NOT NULL, field VARCHAR(100) COLLATE "C" NOT NULL, value_hash VARCHAR(64) COLLATE "C" NOT NULL, CONSTRAINT pk_search_values PRIMARY KEY (process_id, field), CONSTRAINT fk_search_values_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
CREATE INDEX IF NOT EXISTS ix_search_values_hash ON search_values (value_hash, process_id);
-- down
DROP TABLE IF EXISTS search_values;
