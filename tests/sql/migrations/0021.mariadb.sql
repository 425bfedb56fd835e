-- up
CREATE INDEX IF NOT EXISTS ix_audit_target ON audit (target, number);
-- down
DROP INDEX IF EXISTS ix_audit_target ON audit;
