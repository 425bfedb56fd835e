"""When somebody asked a worker to take no more."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Make the change."""
    online_ddl.add_column("workers", sa.Column("drain_asked_at", migration_types.Moment, nullable=True))


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_column("workers", "drain_asked_at")
