-- up
ALTER TABLE workers ADD COLUMN drain_asked_at DATETIME;
-- down
ALTER TABLE workers DROP COLUMN drain_asked_at;
