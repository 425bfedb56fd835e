-- up
ALTER TABLE processes ADD order_position NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NULL;
GO ALTER TABLE lanes ADD handled NVARCHAR(20) COLLATE Latin1_General_100_BIN2 NULL;
GO ALTER TABLE lanes ADD supersedes INTEGER NULL;
GO ALTER TABLE lanes ADD spacing_ms INTEGER NULL;
GO ALTER TABLE lanes ADD free_at DATETIME2(6) NULL;
GO CREATE INDEX ix_processes_place ON processes (order_key, order_position, id) INCLUDE (finished_at) WHERE order_key IS NOT NULL AND finished_at IS NULL;
GO DROP INDEX ix_processes_lane ON processes;
GO;
-- down
CREATE INDEX ix_processes_lane ON processes (order_key, id) INCLUDE (finished_at) WHERE order_key IS NOT NULL AND finished_at IS NULL;
GO DROP INDEX ix_processes_place ON processes;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('lanes') and col_name(parent_object_id, parent_column_id) = 'free_at' exec('alter table lanes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('lanes') and col_name(parent_object_id, parent_column_id) = 'free_at' exec('alter table lanes drop constraint ' + @const_name);
GO ALTER TABLE lanes DROP COLUMN free_at;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('lanes') and col_name(parent_object_id, parent_column_id) = 'spacing_ms' exec('alter table lanes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('lanes') and col_name(parent_object_id, parent_column_id) = 'spacing_ms' exec('alter table lanes drop constraint ' + @const_name);
GO ALTER TABLE lanes DROP COLUMN spacing_ms;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('lanes') and col_name(parent_object_id, parent_column_id) = 'supersedes' exec('alter table lanes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('lanes') and col_name(parent_object_id, parent_column_id) = 'supersedes' exec('alter table lanes drop constraint ' + @const_name);
GO ALTER TABLE lanes DROP COLUMN supersedes;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('lanes') and col_name(parent_object_id, parent_column_id) = 'handled' exec('alter table lanes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('lanes') and col_name(parent_object_id, parent_column_id) = 'handled' exec('alter table lanes drop constraint ' + @const_name);
GO ALTER TABLE lanes DROP COLUMN handled;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'order_position' exec('alter table processes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'order_position' exec('alter table processes drop constraint ' + @const_name);
GO ALTER TABLE processes DROP COLUMN order_position;
GO;
