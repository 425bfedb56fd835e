-- up
CREATE INDEX ix_audit_target ON audit (target, number);
-- down
DROP INDEX ix_audit_target;
