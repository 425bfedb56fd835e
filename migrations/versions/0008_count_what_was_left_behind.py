"""How often something was left behind that nobody would ever have moved, until a worker found it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from process_manager.store.kinds import Moment, key_type, name_type

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "left_behind",
        sa.Column("what", name_type(20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("process_id", key_type, nullable=False),
        sa.Column("found_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("what", name="pk_left_behind"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("left_behind")
