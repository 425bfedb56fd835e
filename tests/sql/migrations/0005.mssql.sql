-- up
ALTER TABLE processes ADD own_crashes INTEGER NOT NULL DEFAULT '0';
GO ALTER TABLE processes ADD doubtful_since DATETIME2(6) NULL;
GO;
-- down
declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'doubtful_since' exec('alter table processes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'doubtful_since' exec('alter table processes drop constraint ' + @const_name);
GO ALTER TABLE processes DROP COLUMN doubtful_since;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'own_crashes' exec('alter table processes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'own_crashes' exec('alter table processes drop constraint ' + @const_name);
GO ALTER TABLE processes DROP COLUMN own_crashes;
GO;
