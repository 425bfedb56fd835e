"""The key of a command, and an index that finds its newest process."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the change."""
    online_ddl.add_column("processes", sa.Column("command_key", migration_types.name(64), nullable=True))
    online_ddl.create_index(
        "ix_processes_command",
        "processes",
        ["command_key", "id"],
        **migration_types.where("command_key IS NOT NULL"),
    )


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_index("ix_processes_command", "processes")
    online_ddl.drop_column("processes", "command_key")
