-- up
CREATE TABLE IF NOT EXISTS tasks ( id BIGINT NOT NULL AUTO_INCREMENT, process_id BIGINT NOT NULL, seq INTEGER NOT NULL, step VARCHAR(100) COLLATE utf8mb4_nopad_bin NOT NULL, step_key VARCHAR(200) COLLATE utf8mb4_nopad_bin NOT NULL, round INTEGER NOT NULL, title VARCHAR(2000) NOT NULL, details LONGTEXT NOT NULL, group_name VARCHAR(100) COLLATE utf8mb4_nopad_bin, form VARCHAR(200) NOT NULL, form_schema LONGTEXT NOT NULL, marks LONGTEXT NOT NULL, not_by VARCHAR(20), overdue_to VARCHAR(100) COLLATE utf8mb4_nopad_bin, remind_every VARCHAR(40), zone VARCHAR(100) NOT NULL, holidays LONGTEXT NOT NULL, asked_at DATETIME(6) NOT NULL, due_at DATETIME(6), orders_at DATETIME(6) NOT NULL, overdue_at DATETIME(6), remind_at DATETIME(6), reminded_at DATETIME(6), reminders INTEGER NOT NULL DEFAULT '0', next_at DATETIME(6), claimed_at DATETIME(6), claimed_by VARCHAR(200) COLLATE utf8mb4_nopad_bin, is_open INTEGER NOT NULL, answered_at DATETIME(6), answered_by VARCHAR(200), answered_way VARCHAR(10), answer LONGTEXT, CONSTRAINT pk_tasks PRIMARY KEY (id), CONSTRAINT fk_tasks_process_id FOREIGN KEY(process_id) REFERENCES processes (id) );
CREATE INDEX IF NOT EXISTS ix_tasks_open ON tasks (is_open, orders_at, id);
CREATE INDEX IF NOT EXISTS ix_tasks_group ON tasks (is_open, group_name, orders_at, id);
CREATE INDEX IF NOT EXISTS ix_tasks_next ON tasks (next_at, id);
CREATE UNIQUE INDEX IF NOT EXISTS uq_tasks_process ON tasks (process_id, seq);
ALTER TABLE users ADD COLUMN IF NOT EXISTS task_groups LONGTEXT;
ALTER TABLE tokens ADD COLUMN IF NOT EXISTS task_groups LONGTEXT;
-- down
ALTER TABLE tokens DROP COLUMN IF EXISTS task_groups;
ALTER TABLE users DROP COLUMN IF EXISTS task_groups;
DROP TABLE IF EXISTS tasks;
