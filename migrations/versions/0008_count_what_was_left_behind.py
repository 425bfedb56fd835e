"""How often something was left behind that nobody would ever have moved, until a worker found it."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "left_behind",
        sa.Column("what", migration_types.name(20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("process_id", migration_types.key, nullable=False),
        sa.Column("found_at", migration_types.Moment, nullable=False),
        sa.PrimaryKeyConstraint("what", name="pk_left_behind"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("left_behind")
