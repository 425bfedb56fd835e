"""Positions in lanes, the highest that is handled, and a pause between two processes of a lane."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0036"
down_revision = "0035"

OPEN_IN_LANES = "order_key IS NOT NULL AND finished_at IS NULL"


def upgrade() -> None:
    """Make the change."""
    online_ddl.add_column("processes", sa.Column("order_position", migration_types.name(20), nullable=True))
    online_ddl.add_column("lanes", sa.Column("handled", migration_types.name(20), nullable=True))
    online_ddl.add_column("lanes", sa.Column("supersedes", sa.Integer(), nullable=True))
    online_ddl.add_column("lanes", sa.Column("spacing_ms", sa.Integer(), nullable=True))
    online_ddl.add_column("lanes", sa.Column("free_at", migration_types.Moment, nullable=True))
    online_ddl.create_index(
        "ix_processes_place",
        "processes",
        ["order_key", "order_position", "id"],
        mssql_include=["finished_at"],
        **migration_types.where(OPEN_IN_LANES),
    )
    online_ddl.drop_index("ix_processes_lane", "processes")


def downgrade() -> None:
    """Take it back; what is in a lane is in the order of its ids again."""
    online_ddl.create_index(
        "ix_processes_lane",
        "processes",
        ["order_key", "id"],
        mssql_include=["finished_at"],
        **migration_types.where(OPEN_IN_LANES),
    )
    online_ddl.drop_index("ix_processes_place", "processes")
    for column in ("free_at", "spacing_ms", "supersedes", "handled"):
        online_ddl.drop_column("lanes", column)
    online_ddl.drop_column("processes", "order_position")
