-- up
ALTER TABLE limits ADD COLUMN versions TEXT;
-- down
ALTER TABLE limits DROP COLUMN versions;
