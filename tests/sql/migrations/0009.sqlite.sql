-- up
CREATE INDEX ix_dedup_keys_process ON dedup_keys (process_id);
-- down
DROP INDEX ix_dedup_keys_process;
