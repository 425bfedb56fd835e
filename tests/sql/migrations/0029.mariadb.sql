-- up
ALTER TABLE batches ADD COLUMN IF NOT EXISTS token_id BIGINT;
-- down
ALTER TABLE batches DROP COLUMN IF EXISTS token_id;
