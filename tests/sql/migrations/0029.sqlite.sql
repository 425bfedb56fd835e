-- up
ALTER TABLE batches ADD COLUMN token_id BIGINT;
-- down
ALTER TABLE batches DROP COLUMN token_id;
