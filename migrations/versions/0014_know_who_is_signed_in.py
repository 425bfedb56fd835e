"""Who is signed in to the pages."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "sessions",
        sa.Column("hash", migration_types.name(64), nullable=False),
        sa.Column("user_name", migration_types.name(100), nullable=False),
        sa.Column("role", sa.Unicode(20), nullable=False),
        sa.Column("created_at", migration_types.Moment, nullable=False),
        sa.Column("seen_at", migration_types.Moment, nullable=False),
        sa.Column("expires_at", migration_types.Moment, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_sessions"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("sessions")
