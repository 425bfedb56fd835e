"""Switches of the whole fleet, and the workers that are alive."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import laid, online

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the change."""
    online.create_table(
        "switches",
        sa.Column("key", laid.name(64), nullable=False),
        sa.Column("reason", sa.Unicode(2000), nullable=False),
        sa.Column("by", sa.Unicode(200), nullable=False),
        sa.Column("since", laid.Moment, nullable=False),
        sa.Column("until", laid.Moment, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_switches"),
        sqlite_with_rowid=False,
    )
    online.create_table(
        "workers",
        sa.Column("name", sa.Unicode(200), nullable=False),
        sa.Column("host", sa.Unicode(200), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", laid.Moment, nullable=False),
        sa.Column("seen_at", laid.Moment, nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.Column("channels", laid.long_text, nullable=False),
        sa.Column("knows", laid.long_text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    online.drop_table("workers")
    online.drop_table("switches")
