"""The token by which a program started a batch: others of its name may cover more, or be worth something longer."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import online_ddl

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Make the change."""
    online_ddl.add_column("batches", sa.Column("token_id", sa.BigInteger, nullable=True))


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_column("batches", "token_id")
