"""Who asked a running process to stop, when and why."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Make the change."""
    online_ddl.add_column("processes", sa.Column("stop_requested_at", migration_types.Moment, nullable=True))
    online_ddl.add_column("processes", sa.Column("stop_requested_by", sa.Unicode(200), nullable=True))
    online_ddl.add_column("processes", sa.Column("stop_requested_reason", sa.Unicode(2000), nullable=True))


def downgrade() -> None:
    """Take it back."""
    for name in ("stop_requested_reason", "stop_requested_by", "stop_requested_at"):
        online_ddl.drop_column("processes", name)
