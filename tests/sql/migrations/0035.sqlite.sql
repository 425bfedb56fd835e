-- up
CREATE TABLE tasks ( id INTEGER NOT NULL, process_id INTEGER NOT NULL, seq INTEGER NOT NULL, step VARCHAR(100) NOT NULL, step_key VARCHAR(200) NOT NULL, round INTEGER NOT NULL, title VARCHAR(2000) NOT NULL, details TEXT NOT NULL, group_name VARCHAR(100), form VARCHAR(200) NOT NULL, form_schema TEXT NOT NULL, marks TEXT NOT NULL, not_by VARCHAR(20), overdue_to VARCHAR(100), remind_every VARCHAR(40), zone VARCHAR(100) NOT NULL, holidays TEXT NOT NULL, asked_at DATETIME NOT NULL, due_at DATETIME, orders_at DATETIME NOT NULL, overdue_at DATETIME, remind_at DATETIME, reminded_at DATETIME, reminders INTEGER DEFAULT '0' NOT NULL, next_at DATETIME, claimed_at DATETIME, claimed_by VARCHAR(200), is_open INTEGER NOT NULL, answered_at DATETIME, answered_by VARCHAR(200), answered_way VARCHAR(10), answer TEXT, CONSTRAINT pk_tasks PRIMARY KEY (id), CONSTRAINT fk_tasks_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
CREATE INDEX ix_tasks_open ON tasks (is_open, orders_at, id) WHERE is_open = 1;
CREATE INDEX ix_tasks_group ON tasks (is_open, group_name, orders_at, id) WHERE is_open = 1;
CREATE INDEX ix_tasks_next ON tasks (next_at, id) WHERE next_at IS NOT NULL;
CREATE UNIQUE INDEX uq_tasks_process ON tasks (process_id, seq);
ALTER TABLE users ADD COLUMN task_groups TEXT;
ALTER TABLE tokens ADD COLUMN task_groups TEXT;
-- down
ALTER TABLE tokens DROP COLUMN task_groups;
ALTER TABLE users DROP COLUMN task_groups;
DROP TABLE tasks;
