-- up
CREATE TABLE limits ( name NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, period_ms BIGINT NULL, declared INTEGER NOT NULL, chosen INTEGER NULL, next_at DATETIME2(6) NULL, changed_at DATETIME2(6) NULL, changed_by NVARCHAR(200) NULL, CONSTRAINT pk_limits PRIMARY KEY (name) );
GO CREATE TABLE seats ( process_id BIGINT NOT NULL, fence BIGINT NOT NULL, limit_name NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, step NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NOT NULL, taken_at DATETIME2(6) NOT NULL, CONSTRAINT pk_seats PRIMARY KEY (process_id, fence), CONSTRAINT fk_seats_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
GO CREATE INDEX ix_seats_limit ON seats (limit_name, process_id);
GO ALTER TABLE processes ADD pool_since DATETIME2(6) NULL;
GO ALTER TABLE processes ADD pool NVARCHAR(100) COLLATE Latin1_General_100_BIN2 NULL;
GO CREATE INDEX ix_processes_pool ON processes (waiting_for, name, version, pool, pool_since, id) INCLUDE (step, channel, command_key) WHERE waiting_for = 'platform';
GO;
-- down
DROP INDEX ix_processes_pool ON processes;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'pool' exec('alter table processes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'pool' exec('alter table processes drop constraint ' + @const_name);
GO ALTER TABLE processes DROP COLUMN pool;
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.default_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'pool_since' exec('alter table processes drop constraint ' + @const_name);
GO declare @const_name varchar(256) select @const_name = QUOTENAME([name]) from sys.check_constraints where parent_object_id = object_id('processes') and col_name(parent_object_id, parent_column_id) = 'pool_since' exec('alter table processes drop constraint ' + @const_name);
GO ALTER TABLE processes DROP COLUMN pool_since;
GO DROP TABLE seats;
GO DROP TABLE limits;
GO;
