-- up
CREATE TABLE IF NOT EXISTS files ( id VARCHAR(32) COLLATE utf8mb4_nopad_bin NOT NULL, process_id BIGINT, name VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, content VARCHAR(32) COLLATE utf8mb4_nopad_bin NOT NULL, place VARCHAR(10) NOT NULL, label VARCHAR(200) NOT NULL, media_type VARCHAR(100) NOT NULL, size BIGINT, sha256 VARCHAR(64), created_at DATETIME(6) NOT NULL, created_by VARCHAR(200) NOT NULL, CONSTRAINT pk_files PRIMARY KEY (id), CONSTRAINT fk_files_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
CREATE INDEX IF NOT EXISTS ix_files_process ON files (process_id, created_at);
CREATE INDEX IF NOT EXISTS ix_files_content ON files (content);
CREATE TABLE IF NOT EXISTS file_pieces ( content VARCHAR(32) COLLATE utf8mb4_nopad_bin NOT NULL, number INTEGER NOT NULL, bytes MEDIUMBLOB NOT NULL, CONSTRAINT pk_file_pieces PRIMARY KEY (content, number) );
-- down
DROP TABLE IF EXISTS file_pieces;
DROP TABLE IF EXISTS files;
