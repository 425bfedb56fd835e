-- up
CREATE INDEX ix_dedup_keys_process ON dedup_keys (process_id);
GO DROP INDEX ix_processes_due ON processes;
GO CREATE INDEX ix_processes_due ON processes (name, version, due_at, id) INCLUDE (step, channel, command_key) WHERE due_at IS NOT NULL;
GO DROP INDEX ix_processes_lane ON processes;
GO CREATE INDEX ix_processes_lane ON processes (order_key, id) INCLUDE (finished_at) WHERE order_key IS NOT NULL AND finished_at IS NULL;
GO DROP INDEX ix_ledger_process ON ledger;
GO CREATE INDEX ix_ledger_process ON ledger (process_id, id) INCLUDE (closed_at) WHERE closed_at IS NULL;
GO DROP INDEX uq_ledger_open ON ledger;
GO CREATE UNIQUE INDEX uq_ledger_open ON ledger (source, row_id) INCLUDE (closed_at) WHERE closed_at IS NULL;
GO;
-- down
DROP INDEX ix_processes_due ON processes;
GO CREATE INDEX ix_processes_due ON processes (name, version, due_at, id) WHERE due_at IS NOT NULL;
GO DROP INDEX ix_processes_lane ON processes;
GO CREATE INDEX ix_processes_lane ON processes (order_key, id) WHERE order_key IS NOT NULL AND finished_at IS NULL;
GO DROP INDEX ix_ledger_process ON ledger;
GO CREATE INDEX ix_ledger_process ON ledger (process_id, id) WHERE closed_at IS NULL;
GO DROP INDEX uq_ledger_open ON ledger;
GO CREATE UNIQUE INDEX uq_ledger_open ON ledger (source, row_id) WHERE closed_at IS NULL;
GO DROP INDEX ix_dedup_keys_process ON dedup_keys;
GO;
