-- up
CREATE TABLE sign_in_links ( hash VARCHAR(64) NOT NULL, user_name VARCHAR(100) NOT NULL, expires_at DATETIME NOT NULL, CONSTRAINT pk_sign_in_links PRIMARY KEY (hash) ) WITHOUT ROWID;
-- down
DROP TABLE sign_in_links;
