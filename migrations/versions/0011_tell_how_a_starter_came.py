"""By which way the starter of a process came, and the id of the request."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import online_ddl

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the change."""
    online_ddl.add_column("processes", sa.Column("created_way", sa.Unicode(10), nullable=True))
    online_ddl.add_column("processes", sa.Column("request_id", sa.Unicode(100), nullable=True))


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_column("processes", "request_id")
    online_ddl.drop_column("processes", "created_way")
