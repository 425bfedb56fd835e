-- up
ALTER TABLE workers ADD drain_asked_at DATETIME2(6) NULL;
GO;
-- down
declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('workers') and col_name(parent_object_id, parent_column_id) = 'drain_asked_at' exec('alter table workers drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('workers') and col_name(parent_object_id, parent_column_id) = 'drain_asked_at' exec('alter table workers drop constraint ' + @const_name);
GO ALTER TABLE workers DROP COLUMN drain_asked_at;
GO;
