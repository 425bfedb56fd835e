"""Indexes of what is due by its channel, and of all that went wrong: neither is looked for among other rows."""

from __future__ import annotations

from process_manager.database import migration_types, online_ddl

revision = "0010"
down_revision = "0009"

TROUBLE = "status IN ('failed', 'uncertain', 'quarantined', 'rejected', 'abandoned')"
ATTENTION = "status IN ('failed', 'uncertain', 'quarantined')"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_index(
        "ix_processes_channel",
        "processes",
        ["name", "version", "channel", "due_at", "id"],
        mssql_include=["step", "command_key"],
        **migration_types.where("due_at IS NOT NULL"),
    )
    online_ddl.create_index("ix_processes_trouble", "processes", ["status", "id"], **migration_types.where(TROUBLE))
    online_ddl.drop_index("ix_processes_attention", "processes")


def downgrade() -> None:
    """Take it back."""
    online_ddl.create_index("ix_processes_attention", "processes", ["status", "id"], **migration_types.where(ATTENTION))
    online_ddl.drop_index("ix_processes_trouble", "processes")
    online_ddl.drop_index("ix_processes_channel", "processes")
