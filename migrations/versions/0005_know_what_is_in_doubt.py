"""What is in doubt: a step that may or may not have happened, and crashes that nothing else can be blamed for."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the change."""
    online_ddl.add_column("processes", sa.Column("own_crashes", sa.Integer(), server_default="0", nullable=False))
    online_ddl.add_column("processes", sa.Column("doubtful_since", migration_types.Moment, nullable=True))


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_column("processes", "doubtful_since")
    online_ddl.drop_column("processes", "own_crashes")
