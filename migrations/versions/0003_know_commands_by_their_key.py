"""The key of a command, and an index that finds its newest process."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import laid, online

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the change."""
    online.add_column("processes", sa.Column("command_key", laid.name(64), nullable=True))
    online.create_index(
        "ix_processes_command",
        "processes",
        ["command_key", "id"],
        **laid.where("command_key IS NOT NULL"),
    )


def downgrade() -> None:
    """Take it back."""
    online.drop_index("ix_processes_command", "processes")
    online.drop_column("processes", "command_key")
