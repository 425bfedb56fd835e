-- up
CREATE INDEX ix_processes_finished ON processes (finished_at, id) WHERE finished_at IS NOT NULL;
GO;
-- down
DROP INDEX ix_processes_finished ON processes;
GO;
