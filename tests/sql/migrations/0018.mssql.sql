-- up
ALTER TABLE processes ADD cause NVARCHAR(16) COLLATE Latin1_General_100_BIN2 NULL;
GO ALTER TABLE processes ADD stopped_at DATETIME2(6) NULL;
GO CREATE INDEX ix_processes_cause ON processes (cause, status, stopped_at, id) WHERE cause IS NOT NULL AND status IN ('failed', 'uncertain', 'quarantined');
GO UPDATE processes SET cause = '', stopped_at = updated_at WHERE status IN ('failed', 'uncertain', 'quarantined');
GO;
-- down
DROP INDEX ix_processes_cause ON processes;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'stopped_at' exec('alter table processes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'stopped_at' exec('alter table processes drop constraint ' + @const_name);
GO ALTER TABLE processes DROP COLUMN stopped_at;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'cause' exec('alter table processes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'cause' exec('alter table processes drop constraint ' + @const_name);
GO ALTER TABLE processes DROP COLUMN cause;
GO;
