-- up
ALTER TABLE processes ADD COLUMN stop_requested_at DATETIME;
ALTER TABLE processes ADD COLUMN stop_requested_by VARCHAR(200);
ALTER TABLE processes ADD COLUMN stop_requested_reason VARCHAR(2000);
-- down
ALTER TABLE processes DROP COLUMN stop_requested_reason;
ALTER TABLE processes DROP COLUMN stop_requested_by;
ALTER TABLE processes DROP COLUMN stop_requested_at;
