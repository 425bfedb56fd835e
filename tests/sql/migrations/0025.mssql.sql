-- up
CREATE TABLE saved_views ( owner NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, name NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, address NVARCHAR(max) NOT NULL, created_at DATETIME2(6) NOT NULL, created_by NVARCHAR(200) NOT NULL, CONSTRAINT pk_saved_views PRIMARY KEY (owner, name) );
GO;
-- down
DROP TABLE saved_views;
GO;
