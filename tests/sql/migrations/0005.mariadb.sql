-- up
ALTER TABLE processes ADD COLUMN IF NOT EXISTS own_crashes INTEGER NOT NULL DEFAULT '0';
ALTER TABLE processes ADD COLUMN IF NOT EXISTS doubtful_since DATETIME(6);
-- down
ALTER TABLE processes DROP COLUMN IF EXISTS doubtful_since;
ALTER TABLE processes DROP COLUMN IF EXISTS own_crashes;
