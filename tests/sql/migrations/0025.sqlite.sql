-- up
CREATE TABLE saved_views ( owner VARCHAR(100) NOT NULL, name VARCHAR(100) NOT NULL, address TEXT NOT NULL, created_at DATETIME NOT NULL, created_by VARCHAR(200) NOT NULL, CONSTRAINT pk_saved_views PRIMARY KEY (owner, name) ) WITHOUT ROWID;
-- down
DROP TABLE saved_views;
