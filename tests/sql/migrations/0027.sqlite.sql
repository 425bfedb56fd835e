-- up
ALTER TABLE batches ADD COLUMN role VARCHAR(20);
-- down
ALTER TABLE batches DROP COLUMN role;
