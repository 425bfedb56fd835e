"""Processes are found by the fields that their class declares."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "search_values",
        sa.Column("process_id", migration_types.key, autoincrement=False, nullable=False),
        sa.Column("field", migration_types.name(100), nullable=False),
        sa.Column("value_hash", migration_types.name(64), nullable=False),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_search_values_process_id"),
        sa.PrimaryKeyConstraint("process_id", "field", name="pk_search_values"),
        sqlite_with_rowid=False,
    )
    online_ddl.index_new_table("ix_search_values_hash", "search_values", ["value_hash", "process_id"])


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("search_values")
