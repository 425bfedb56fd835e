"""Lists of processes that people keep under a name."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "saved_views",
        sa.Column("owner", migration_types.name(100), nullable=False),
        sa.Column("name", migration_types.name(100), nullable=False),
        sa.Column("address", migration_types.long_text, nullable=False),
        sa.Column("created_at", migration_types.Moment, nullable=False),
        sa.Column("created_by", sa.Unicode(200), nullable=False),
        sa.PrimaryKeyConstraint("owner", "name", name="pk_saved_views"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("saved_views")
