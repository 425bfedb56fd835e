"""Schedules: rules that start processes by the clock."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "schedules",
        sa.Column("name", migration_types.name(100), nullable=False),
        sa.Column("process", migration_types.name(100), nullable=False),
        sa.Column("version", sa.Integer),
        sa.Column("rule", sa.Unicode(1000), nullable=False),
        sa.Column("zone", sa.Unicode(100), nullable=False),
        sa.Column("working_days", sa.Unicode(10), nullable=False),
        sa.Column("holidays", sa.Unicode(200), nullable=False),
        sa.Column("missed", sa.Unicode(10), nullable=False),
        sa.Column("overlap", sa.Unicode(10), nullable=False),
        sa.Column("jitter", sa.Integer, nullable=False),
        sa.Column("parameters", migration_types.long_text, nullable=False),
        sa.Column("next_at", migration_types.Moment),
        sa.Column("slot_at", migration_types.Moment),
        sa.Column("process_id", migration_types.key),
        sa.Column("told", sa.Unicode(2000)),
        sa.Column("paused_at", migration_types.Moment),
        sa.Column("paused_by", sa.Unicode(200)),
        sa.Column("paused_reason", sa.Unicode(2000)),
        sa.Column("created_at", migration_types.Moment, nullable=False),
        sa.Column("created_by", sa.Unicode(200), nullable=False),
        sa.Column("changed_at", migration_types.Moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_schedules"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("schedules")
