-- up
CREATE TABLE search_values ( process_id BIGINT NOT NULL, field NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, value_hash NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NOT NULL, CONSTRAINT pk_search_values PRIMARY KEY (process_id, field), CONSTRAINT fk_search_values_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
GO CREATE INDEX ix_search_values_hash ON search_values (value_hash, process_id);
GO;
-- down
DROP TABLE search_values;
GO;
