-- up
CREATE TABLE IF NOT EXISTS tasks ( id BIGSERIAL NOT NULL, process_id BIGINT NOT NULL, seq INTEGER NOT NULL, step VARCHAR(100) COLLATE "C" NOT NULL, step_key VARCHAR(200) COLLATE "C" NOT NULL, round INTEGER NOT NULL, title VARCHAR(2000) NOT NULL, details VARCHAR NOT NULL, group_name VARCHAR(100) COLLATE "C", form VARCHAR(200) NOT NULL, form_schema VARCHAR NOT NULL, marks VARCHAR NOT NULL, not_by VARCHAR(20), overdue_to VARCHAR(100) COLLATE "C", remind_every VARCHAR(40), zone VARCHAR(100) NOT NULL, holidays VARCHAR NOT NULL, asked_at TIMESTAMP WITH TIME ZONE NOT NULL, due_at TIMESTAMP WITH TIME ZONE, orders_at TIMESTAMP WITH TIME ZONE NOT NULL, overdue_at TIMESTAMP WITH TIME ZONE, remind_at TIMESTAMP WITH TIME ZONE, reminded_at TIMESTAMP WITH TIME ZONE, reminders INTEGER DEFAULT '0' NOT NULL, next_at TIMESTAMP WITH TIME ZONE, claimed_at TIMESTAMP WITH TIME ZONE, claimed_by VARCHAR(200) COLLATE "C", is_open INTEGER NOT NULL, answered_at TIMESTAMP WITH TIME ZONE, answered_by VARCHAR(200), answered_way VARCHAR(10), answer VARCHAR, CONSTRAINT pk_tasks PRIMARY KEY (id), CONSTRAINT fk_tasks_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
CREATE INDEX IF NOT EXISTS ix_tasks_open ON tasks (is_open, orders_at, id) WHERE is_open = 1;
CREATE INDEX IF NOT EXISTS ix_tasks_group ON tasks (is_open, group_name, orders_at, id) WHERE is_open = 1;
CREATE INDEX IF NOT EXISTS ix_tasks_next ON tasks (next_at, id) WHERE next_at IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS uq_tasks_process ON tasks (process_id, seq);
ALTER TABLE users ADD COLUMN IF NOT EXISTS task_groups VARCHAR;
ALTER TABLE tokens ADD COLUMN IF NOT EXISTS task_groups VARCHAR;
-- down
ALTER TABLE tokens DROP COLUMN IF EXISTS task_groups;
ALTER TABLE users DROP COLUMN IF EXISTS task_groups;
DROP TABLE IF EXISTS tasks;
