"""Tasks: what steps ask people, and the groups of people who answer."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table("tasks", *_asked(), *_kept(), *_answered())
    is_open = migration_types.where("is_open = 1")
    online_ddl.index_new_table("ix_tasks_open", "tasks", ["is_open", "orders_at", "id"], **is_open)
    online_ddl.index_new_table("ix_tasks_group", "tasks", ["is_open", "group_name", "orders_at", "id"], **is_open)
    online_ddl.index_new_table(
        "ix_tasks_next", "tasks", ["next_at", "id"], **migration_types.where("next_at IS NOT NULL")
    )
    online_ddl.index_new_table("uq_tasks_process", "tasks", ["process_id", "seq"], unique=True)
    for table in ("users", "tokens"):
        online_ddl.add_column(table, sa.Column("task_groups", migration_types.long_text, nullable=True))


def _asked() -> list[sa.Column[object] | sa.Constraint]:
    return [
        sa.Column("id", migration_types.key, autoincrement=True, nullable=False),
        sa.Column("process_id", migration_types.key, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("step", migration_types.name(100), nullable=False),
        sa.Column("step_key", migration_types.name(200), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("title", sa.Unicode(2000), nullable=False),
        sa.Column("details", migration_types.long_text, nullable=False),
        sa.Column("group_name", migration_types.name(100)),
        sa.Column("form", sa.Unicode(200), nullable=False),
        sa.Column("form_schema", migration_types.long_text, nullable=False),
        sa.Column("marks", migration_types.long_text, nullable=False),
        sa.Column("not_by", sa.Unicode(20)),
        sa.Column("overdue_to", migration_types.name(100)),
        sa.Column("remind_every", sa.Unicode(40)),
        sa.Column("zone", sa.Unicode(100), nullable=False),
        sa.Column("holidays", migration_types.long_text, nullable=False),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_tasks_process_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    ]


def _kept() -> list[sa.Column[object]]:
    return [
        sa.Column("asked_at", migration_types.Moment, nullable=False),
        sa.Column("due_at", migration_types.Moment),
        sa.Column("orders_at", migration_types.Moment, nullable=False),
        sa.Column("overdue_at", migration_types.Moment),
        sa.Column("remind_at", migration_types.Moment),
        sa.Column("reminded_at", migration_types.Moment),
        sa.Column("reminders", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_at", migration_types.Moment),
        sa.Column("claimed_at", migration_types.Moment),
        sa.Column("claimed_by", migration_types.name(200)),
        sa.Column("is_open", sa.Integer, nullable=False),
    ]


def _answered() -> list[sa.Column[object]]:
    return [
        sa.Column("answered_at", migration_types.Moment),
        sa.Column("answered_by", sa.Unicode(200)),
        sa.Column("answered_way", sa.Unicode(10)),
        sa.Column("answer", migration_types.long_text),
    ]


def downgrade() -> None:
    """Take it back."""
    for table in ("tokens", "users"):
        online_ddl.drop_column(table, "task_groups")
    online_ddl.drop_table("tasks")
