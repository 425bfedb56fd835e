-- up
CREATE INDEX ix_audit_target ON audit (target, number);
GO;
-- down
DROP INDEX ix_audit_target ON audit;
GO;
