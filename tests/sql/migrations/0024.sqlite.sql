-- up
CREATE TABLE search_values ( process_id INTEGER NOT NULL, field VARCHAR(100) NOT NULL, value_hash VARCHAR(64) NOT NULL, CONSTRAINT pk_search_values PRIMARY KEY (process_id, field), CONSTRAINT fk_search_values_process_id FOREIGN KEY(process_id) REFERENCES processes (id) ) WITHOUT ROWID;
CREATE INDEX ix_search_values_hash ON search_values (value_hash, process_id);
-- down
DROP TABLE search_values;
