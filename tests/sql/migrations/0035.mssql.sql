-- up
CREATE TABLE tasks ( id BIGINT NOT NULL IDENTITY, process_id BIGINT NOT NULL, seq INTEGER NOT NULL, step NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, step_key NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NOT NULL, round INTEGER NOT NULL, title NVARCHAR(2000) NOT NULL, details NVARCHAR(max) NOT NULL, group_name NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NULL, form NVARCHAR(200) NOT NULL, form_schema NVARCHAR(max) NOT NULL, marks NVARCHAR(max) NOT NULL, not_by NVARCHAR(20) NULL, overdue_to NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NULL, remind_every NVARCHAR(40) NULL, zone NVARCHAR(100) NOT NULL, holidays NVARCHAR(max) NOT NULL, asked_at DATETIME2(6) NOT NULL, due_at DATETIME2(6) NULL, orders_at DATETIME2(6) NOT NULL, overdue_at DATETIME2(6) NULL, remind_at DATETIME2(6) NULL, reminded_at DATETIME2(6) NULL, reminders INTEGER NOT NULL DEFAULT '0', next_at DATETIME2(6) NULL, claimed_at DATETIME2(6) NULL, claimed_by NVARCHAR(200) COLLATE Latin1_General_100_BIN2 NULL, is_open INTEGER NOT NULL, answered_at DATETIME2(6) NULL, answered_by NVARCHAR(200) NULL, answered_way NVARCHAR(10) NULL, answer NVARCHAR(max) NULL, CONSTRAINT pk_tasks PRIMARY KEY (id), CONSTRAINT fk_tasks_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
GO CREATE INDEX ix_tasks_open ON tasks (is_open, orders_at, id) WHERE is_open = 1;
GO CREATE INDEX ix_tasks_group ON tasks (is_open, group_name, orders_at, id) WHERE is_open = 1;
GO CREATE INDEX ix_tasks_next ON tasks (next_at, id) WHERE next_at IS NOT NULL;
GO CREATE UNIQUE INDEX uq_tasks_process ON tasks (process_id, seq);
GO ALTER TABLE users ADD task_groups NVARCHAR(max) NULL;
GO ALTER TABLE tokens ADD task_groups NVARCHAR(max) NULL;
GO;
-- down
declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('tokens') and col_name(parent_object_id, parent_column_id) = 'task_groups' exec('alter table tokens drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('tokens') and col_name(parent_object_id, parent_column_id) = 'task_groups' exec('alter table tokens drop constraint ' + @const_name);
GO ALTER TABLE tokens DROP COLUMN task_groups;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('users') and col_name(parent_object_id, parent_column_id) = 'task_groups' exec('alter table users drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('users') and col_name(parent_object_id, parent_column_id) = 'task_groups' exec('alter table users drop constraint ' + @const_name);
GO ALTER TABLE users DROP COLUMN task_groups;
GO DROP TABLE tasks;
GO;
