"""Switches of the whole fleet, and the workers that are alive."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "switches",
        sa.Column("key", migration_types.name(64), nullable=False),
        sa.Column("reason", sa.Unicode(2000), nullable=False),
        sa.Column("by", sa.Unicode(200), nullable=False),
        sa.Column("since", migration_types.Moment, nullable=False),
        sa.Column("until", migration_types.Moment, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_switches"),
        sqlite_with_rowid=False,
    )
    online_ddl.create_table(
        "workers",
        sa.Column("name", sa.Unicode(200), nullable=False),
        sa.Column("host", sa.Unicode(200), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", migration_types.Moment, nullable=False),
        sa.Column("seen_at", migration_types.Moment, nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.Column("channels", migration_types.long_text, nullable=False),
        sa.Column("knows", migration_types.long_text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("workers")
    online_ddl.drop_table("switches")
