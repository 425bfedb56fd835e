"""What is in doubt: a step that may or may not have happened, and crashes that nothing else can be blamed for."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import laid, online

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the change."""
    online.add_column("processes", sa.Column("own_crashes", sa.Integer(), server_default="0", nullable=False))
    online.add_column("processes", sa.Column("doubtful_since", laid.Moment, nullable=True))


def downgrade() -> None:
    """Take it back."""
    online.drop_column("processes", "doubtful_since")
    online.drop_column("processes", "own_crashes")
