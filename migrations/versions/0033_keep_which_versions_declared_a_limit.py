"""The highest version of each class that named a limit: an older program does not set its number back."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Make the change."""
    online_ddl.add_column("limits", sa.Column("versions", migration_types.long_text, nullable=True))


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_column("limits", "versions")
