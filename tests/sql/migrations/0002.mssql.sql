-- up
CREATE TABLE ledger ( id BIGINT NOT NULL IDENTITY, source NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, row_id NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, batch NVARCHAR(36) COLLATE Latin1_General_100_BIN2 NOT NULL, process_id BIGINT NOT NULL, state NVARCHAR(10) NOT NULL, noted_at DATETIME2(6) NOT NULL, claimed_at DATETIME2(6) NULL, closed_at DATETIME2(6) NULL, CONSTRAINT pk_ledger PRIMARY KEY (id), CONSTRAINT ck_ledger_closed_has_end CHECK ((closed_at IS NULL AND state IN ('noted', 'claimed', 'queued', 'undone')) OR (closed_at IS NOT NULL AND state NOT IN ('noted', 'claimed', 'queued', 'undone'))), CONSTRAINT ck_ledger_state CHECK (state IN ('noted', 'claimed', 'queued', 'undone', 'done', 'let_go', 'withdrawn', 'too_late')) );
GO CREATE INDEX ix_ledger_process ON ledger (process_id, id) WHERE closed_at IS NULL;
GO CREATE INDEX ix_ledger_row ON ledger (source, row_id, id);
GO CREATE UNIQUE INDEX uq_ledger_open ON ledger (source, row_id) WHERE closed_at IS NULL;
GO;
-- down
DROP TABLE ledger;
GO;
