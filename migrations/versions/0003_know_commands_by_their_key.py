"""The key of a command, and an index that finds its newest process."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from process_manager.store.kinds import name_type

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the change."""
    op.add_column("processes", sa.Column("command_key", name_type(64), nullable=True))
    op.create_index(
        "ix_processes_command",
        "processes",
        ["command_key", "id"],
        unique=False,
        sqlite_where=sa.text("command_key IS NOT NULL"),
        postgresql_where=sa.text("command_key IS NOT NULL"),
        mssql_where=sa.text("command_key IS NOT NULL"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("ix_processes_command", table_name="processes")
    op.drop_column("processes", "command_key")
