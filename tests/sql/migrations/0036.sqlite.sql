-- up
ALTER TABLE processes ADD COLUMN order_position VARCHAR(20);
ALTER TABLE lanes ADD COLUMN handled VARCHAR(20);
ALTER TABLE lanes ADD COLUMN supersedes INTEGER;
ALTER TABLE lanes ADD COLUMN spacing_ms INTEGER;
ALTER TABLE lanes ADD COLUMN free_at DATETIME;
CREATE INDEX ix_processes_place ON processes (order_key, order_position, id) WHERE order_key IS NOT NULL AND finished_at IS NULL;
DROP INDEX ix_processes_lane;
-- down
CREATE INDEX ix_processes_lane ON processes (order_key, id) WHERE order_key IS NOT NULL AND finished_at IS NULL;
DROP INDEX ix_processes_place;
ALTER TABLE lanes DROP COLUMN free_at;
ALTER TABLE lanes DROP COLUMN spacing_ms;
ALTER TABLE lanes DROP COLUMN supersedes;
ALTER TABLE lanes DROP COLUMN handled;
ALTER TABLE processes DROP COLUMN order_position;
