"""Switches of the whole fleet, and the workers that are alive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from process_manager.store.kinds import Moment, name_type, text_type

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "switches",
        sa.Column("key", name_type(64), nullable=False),
        sa.Column("reason", sa.Unicode(2000), nullable=False),
        sa.Column("by", sa.Unicode(200), nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("until", Moment, nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_switches"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "workers",
        sa.Column("name", sa.Unicode(200), nullable=False),
        sa.Column("host", sa.Unicode(200), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.Column("channels", text_type, nullable=False),
        sa.Column("knows", text_type, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_workers"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("workers")
    op.drop_table("switches")
