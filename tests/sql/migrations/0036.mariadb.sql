-- up
ALTER TABLE processes ADD COLUMN IF NOT EXISTS order_position VARCHAR(20) COLLATE utf8mb4_nopad_bin;
ALTER TABLE lanes ADD COLUMN IF NOT EXISTS handled VARCHAR(20) COLLATE utf8mb4_nopad_bin;
ALTER TABLE lanes ADD COLUMN IF NOT EXISTS supersedes INTEGER;
ALTER TABLE lanes ADD COLUMN IF NOT EXISTS spacing_ms INTEGER;
ALTER TABLE lanes ADD COLUMN IF NOT EXISTS free_at DATETIME(6);
CREATE INDEX IF NOT EXISTS ix_processes_place ON processes (order_key, order_position, id);
DROP INDEX IF EXISTS ix_processes_lane ON processes;
-- down
CREATE INDEX IF NOT EXISTS ix_processes_lane ON processes (order_key, id);
DROP INDEX IF EXISTS ix_processes_place ON processes;
ALTER TABLE lanes DROP COLUMN IF EXISTS free_at;
ALTER TABLE lanes DROP COLUMN IF EXISTS spacing_ms;
ALTER TABLE lanes DROP COLUMN IF EXISTS supersedes;
ALTER TABLE lanes DROP COLUMN IF EXISTS handled;
ALTER TABLE processes DROP COLUMN IF EXISTS order_position;
