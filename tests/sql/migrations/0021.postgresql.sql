-- up
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_audit_target;
CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_audit_target ON audit (target, number);
SET lock_timeout = '500ms';
-- down
SET lock_timeout = 0;
DROP INDEX CONCURRENTLY IF EXISTS ix_audit_target;
SET lock_timeout = '500ms';
