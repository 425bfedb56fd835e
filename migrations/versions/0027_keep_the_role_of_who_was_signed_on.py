"""The role in which a proxy signed on who started a batch: their user may have another, or none that would do."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import online_ddl

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Make the change."""
    online_ddl.add_column("batches", sa.Column("role", sa.Unicode(20), nullable=True))


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_column("batches", "role")
