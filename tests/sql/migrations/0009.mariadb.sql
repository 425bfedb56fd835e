-- up
CREATE INDEX IF NOT EXISTS ix_dedup_keys_process ON dedup_keys (process_id);
DROP INDEX IF EXISTS fk_dedup_keys_process_id ON dedup_keys;
-- down
CREATE INDEX IF NOT EXISTS fk_dedup_keys_process_id ON dedup_keys (process_id);
DROP INDEX IF EXISTS ix_dedup_keys_process ON dedup_keys;
