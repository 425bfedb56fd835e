-- up
ALTER TABLE processes ADD created_way NVARCHAR(10) NULL;
GO ALTER TABLE processes ADD request_id NVARCHAR(100) NULL;
GO;
-- down
declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'request_id' exec('alter table processes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'request_id' exec('alter table processes drop constraint ' + @const_name);
GO ALTER TABLE processes DROP COLUMN request_id;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'created_way' exec('alter table processes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'created_way' exec('alter table processes drop constraint ' + @const_name);
GO ALTER TABLE processes DROP COLUMN created_way;
GO;
