-- up
ALTER TABLE processes ADD COLUMN own_crashes INTEGER DEFAULT '0' NOT NULL;
ALTER TABLE processes ADD COLUMN doubtful_since DATETIME;
-- down
ALTER TABLE processes DROP COLUMN doubtful_since;
ALTER TABLE processes DROP COLUMN own_crashes;
