-- up
ALTER TABLE workers ADD COLUMN IF NOT EXISTS drain_asked_at DATETIME(6);
-- down
ALTER TABLE workers DROP COLUMN IF EXISTS drain_asked_at;
