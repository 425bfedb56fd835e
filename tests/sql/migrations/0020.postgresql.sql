-- up
ALTER TABLE processes ADD COLUMN IF NOT EXISTS stop_requested_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE processes ADD COLUMN IF NOT EXISTS stop_requested_by VARCHAR(200);
ALTER TABLE processes ADD COLUMN IF NOT EXISTS stop_requested_reason VARCHAR(2000);
-- down
ALTER TABLE processes DROP COLUMN IF EXISTS stop_requested_reason;
ALTER TABLE processes DROP COLUMN IF EXISTS stop_requested_by;
ALTER TABLE processes DROP COLUMN IF EXISTS stop_requested_at;
