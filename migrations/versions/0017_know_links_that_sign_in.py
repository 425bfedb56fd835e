"""Links that sign somebody in once."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "sign_in_links",
        sa.Column("hash", migration_types.name(64), nullable=False),
        sa.Column("user_name", migration_types.name(100), nullable=False),
        sa.Column("expires_at", migration_types.Moment, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_sign_in_links"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("sign_in_links")
