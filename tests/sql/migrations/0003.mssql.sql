-- up
ALTER TABLE processes ADD command_key NVARCHAR(64) COLLATE Latin1_General_100_BIN2 NULL;
GO CREATE INDEX ix_processes_command ON processes (command_key, id) WHERE command_key IS NOT NULL;
GO;
-- down
DROP INDEX ix_processes_command ON processes;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'command_key' exec('alter table processes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'command_key' exec('alter table processes drop constraint ' + @const_name);
GO ALTER TABLE processes DROP COLUMN command_key;
GO;
