-- up
CREATE TABLE files ( id NVARCHAR(32) COLLATE Latin1_General_100_BIN2 NOT NULL, process_id BIGINT NULL, name NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, content NVARCHAR(32) COLLATE Latin1_General_100_BIN2 NOT NULL, place NVARCHAR(10) NOT NULL, label NVARCHAR(200) NOT NULL, media_type NVARCHAR(100) NOT NULL, size BIGINT NULL, sha256 NVARCHAR(64) NULL, created_at DATETIME2(6) NOT NULL, created_by NVARCHAR(200) NOT NULL, CONSTRAINT pk_files PRIMARY KEY (id), CONSTRAINT fk_files_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
GO CREATE INDEX ix_files_process ON files (process_id, created_at);
GO CREATE INDEX ix_files_content ON files (content);
GO CREATE TABLE file_pieces ( content NVARCHAR(32) COLLATE Latin1_General_100_BIN2 NOT NULL, number INTEGER NOT NULL, bytes VARBINARY(max) NOT NULL, CONSTRAINT pk_file_pieces PRIMARY KEY (content, number) );
GO;
-- down
DROP TABLE file_pieces;
GO DROP TABLE files;
GO;
