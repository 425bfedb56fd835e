-- up
CREATE TABLE IF NOT EXISTS ledger ( id BIGINT NOT NULL AUTO_INCREMENT, source VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, row_id VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, batch VARCHAR(36) COLLATE utf8mb4_nopad_bin NOT NULL, process_id BIGINT NOT NULL, state VARCHAR(10) NOT NULL, noted_at DATETIME(6) NOT NULL, claimed_at DATETIME(6), closed_at DATETIME(6), CONSTRAINT pk_ledger PRIMARY KEY (id), CONSTRAINT ck_ledger_closed_has_end CHECK ((closed_at IS NULL AND state IN ('noted', 'claimed', 'queued', 'undone')) OR (closed_at IS NOT NULL AND state NOT IN ('noted', 'claimed', 'queued', 'undone'))), CONSTRAINT ck_ledger_state CHECK (state IN ('noted', 'claimed', 'queued', 'undone', 'done', 'let_go', 'withdrawn', 'too_late')) );
CREATE INDEX IF NOT EXISTS ix_ledger_process ON ledger (process_id, id);
CREATE INDEX IF NOT EXISTS ix_ledger_row ON ledger (source, row_id, id);
CREATE INDEX IF NOT EXISTS uq_ledger_open ON ledger (source, row_id);
-- down
DROP TABLE IF EXISTS ledger;
