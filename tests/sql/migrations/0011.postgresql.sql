-- up
ALTER TABLE processes ADD COLUMN IF NOT EXISTS created_way VARCHAR(10);
ALTER TABLE processes ADD COLUMN IF NOT EXISTS request_id VARCHAR(100);
-- down
ALTER TABLE processes DROP COLUMN IF EXISTS request_id;
ALTER TABLE processes DROP COLUMN IF EXISTS created_way;
