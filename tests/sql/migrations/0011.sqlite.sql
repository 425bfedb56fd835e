-- up
ALTER TABLE processes ADD COLUMN created_way VARCHAR(10);
ALTER TABLE processes ADD COLUMN request_id VARCHAR(100);
-- down
ALTER TABLE processes DROP COLUMN request_id;
ALTER TABLE processes DROP COLUMN created_way;
