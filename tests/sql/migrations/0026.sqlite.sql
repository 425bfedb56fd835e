-- up
CREATE TABLE batches ( id INTEGER NOT NULL, act VARCHAR(20) NOT NULL, reason VARCHAR(2000) NOT NULL, asked TEXT NOT NULL, name VARCHAR(100), actor VARCHAR(200) NOT NULL, is_person INTEGER NOT NULL, way VARCHAR(10) NOT NULL, address VARCHAR(100), request_id VARCHAR(100), created_at DATETIME NOT NULL, total INTEGER NOT NULL, ramp INTEGER NOT NULL, wave INTEGER DEFAULT '0' NOT NULL, watched INTEGER DEFAULT '0' NOT NULL, position INTEGER DEFAULT '0' NOT NULL, done INTEGER DEFAULT '0' NOT NULL, refused INTEGER DEFAULT '0' NOT NULL, skipped INTEGER DEFAULT '0' NOT NULL, ending VARCHAR(20), ended_by VARCHAR(200), finished_at DATETIME, runner VARCHAR(200), lease_ends_at DATETIME, fence BIGINT DEFAULT '0' NOT NULL, CONSTRAINT pk_batches PRIMARY KEY (id) );
CREATE INDEX ix_batches_open ON batches (id) WHERE finished_at IS NULL;
CREATE TABLE batch_items ( batch_id INTEGER NOT NULL, number INTEGER NOT NULL, process_id INTEGER NOT NULL, seq INTEGER NOT NULL, step VARCHAR(100), result VARCHAR(10), message VARCHAR(2000), wave INTEGER, CONSTRAINT pk_batch_items PRIMARY KEY (batch_id, number), CONSTRAINT fk_batch_items_batch_id FOREIGN KEY(batch_id) REFERENCES batches (id) ) WITHOUT ROWID;
-- down
DROP TABLE batch_items;
DROP TABLE batches;
