-- up
CREATE TABLE IF NOT EXISTS saved_views ( owner VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, name VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, address LONGTEXT NOT NULL, created_at DATETIME(6) NOT NULL, created_by VARCHAR(200) NOT NULL, CONSTRAINT pk_saved_views PRIMARY KEY (owner, name) );
-- down
DROP TABLE IF EXISTS saved_views;
