-- up
ALTER TABLE batches ADD token_id BIGINT NULL;
GO;
-- down
declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('batches') and col_name(parent_object_id, parent_column_id) = 'token_id' exec('alter table batches drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('batches') and col_name(parent_object_id, parent_column_id) = 'token_id' exec('alter table batches drop constraint ' + @const_name);
GO ALTER TABLE batches DROP COLUMN token_id;
GO;
