-- up
CREATE TABLE files ( id VARCHAR(32) NOT NULL, process_id INTEGER, name VARCHAR(100) NOT NULL, content VARCHAR(32) NOT NULL, place VARCHAR(10) NOT NULL, label VARCHAR(200) NOT NULL, media_type VARCHAR(100) NOT NULL, size BIGINT, sha256 VARCHAR(64), created_at DATETIME NOT NULL, created_by VARCHAR(200) NOT NULL, CONSTRAINT pk_files PRIMARY KEY (id), CONSTRAINT fk_files_process_id FOREIGN KEY(process_id) REFERENCES processes (id) ) WITHOUT ROWID;
CREATE INDEX ix_files_process ON files (process_id, created_at);
CREATE INDEX ix_files_content ON files (content);
CREATE TABLE file_pieces ( content VARCHAR(32) NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL, CONSTRAINT pk_file_pieces PRIMARY KEY (content, number) );
-- down
DROP TABLE file_pieces;
DROP TABLE files;
