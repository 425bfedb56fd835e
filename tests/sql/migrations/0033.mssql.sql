-- up
ALTER TABLE limits ADD versions NVARCHAR(max) NULL;
GO;
-- down
declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('limits') and col_name(parent_object_id, parent_column_id) = 'versions' exec('alter table limits drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('limits') and col_name(parent_object_id, parent_column_id) = 'versions' exec('alter table limits drop constraint ' + @const_name);
GO ALTER TABLE limits DROP COLUMN versions;
GO;
