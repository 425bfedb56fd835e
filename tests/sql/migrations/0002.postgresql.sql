-- up
CREATE TABLE IF NOT EXISTS ledger ( id BIGSERIAL NOT NULL, source VARCHAR(100) COLLATE "C" NOT NULL, row_id VARCHAR(100) COLLATE "C" NOT NULL, batch VARCHAR(36) COLLATE "C" NOT NULL, process_id BIGINT NOT NULL, state VARCHAR(10) NOT NULL, noted_at TIMESTAMP WITH TIME ZONE NOT NULL, claimed_at TIMESTAMP WITH TIME ZONE, closed_at TIMESTAMP WITH TIME ZONE, CONSTRAINT pk_ledger PRIMARY KEY (id), CONSTRAINT ck_ledger_closed_has_end CHECK ((closed_at IS NULL AND state IN ('noted', 'claimed', 'queued', 'undone')) OR (closed_at IS NOT NULL AND state NOT IN ('noted', 'claimed', 'queued', 'undone'))), CONSTRAINT ck_ledger_state CHECK (state IN ('noted', 'claimed', 'queued', 'undone', 'done', 'let_go', 'withdrawn', 'too_late')) );
CREATE INDEX IF NOT EXISTS ix_ledger_process ON ledger (process_id, id) WHERE closed_at IS NULL;
CREATE INDEX IF NOT EXISTS ix_ledger_row ON ledger (source, row_id, id);
CREATE UNIQUE INDEX IF NOT EXISTS uq_ledger_open ON ledger (source, row_id) WHERE closed_at IS NULL;
-- down
DROP TABLE IF EXISTS ledger;
