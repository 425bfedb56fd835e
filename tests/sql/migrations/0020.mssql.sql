-- up
ALTER TABLE processes ADD stop_requested_at DATETIME2(6) NULL;
GO ALTER TABLE processes ADD stop_requested_by NVARCHAR(200) NULL;
GO ALTER TABLE processes ADD stop_requested_reason NVARCHAR(2000) NULL;
GO;
-- down
declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'stop_requested_reason' exec('alter table processes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'stop_requested_reason' exec('alter table processes drop constraint ' + @const_name);
GO ALTER TABLE processes DROP COLUMN stop_requested_reason;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'stop_requested_by' exec('alter table processes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'stop_requested_by' exec('alter table processes drop constraint ' + @const_name);
GO ALTER TABLE processes DROP COLUMN stop_requested_by;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'stop_requested_at' exec('alter table processes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'stop_requested_at' exec('alter table processes drop constraint ' + @const_name);
GO ALTER TABLE processes DROP COLUMN stop_requested_at;
GO;
