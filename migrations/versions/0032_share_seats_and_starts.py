"""Limits and rates that the fleet shares, who holds the seats, and the pools in which processes rest for them."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "limits",
        sa.Column("name", migration_types.name(100), nullable=False),
        sa.Column("period_ms", sa.BigInteger(), nullable=True),
        sa.Column("declared", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.Integer(), nullable=True),
        sa.Column("next_at", migration_types.Moment, nullable=True),
        sa.Column("changed_at", migration_types.Moment, nullable=True),
        sa.Column("changed_by", sa.Unicode(200), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_limits"),
        sqlite_with_rowid=False,
    )
    online_ddl.create_table(
        "seats",
        sa.Column("process_id", migration_types.key, autoincrement=False, nullable=False),
        sa.Column("fence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("limit_name", migration_types.name(100), nullable=False),
        sa.Column("step", migration_types.name(100), nullable=False),
        sa.Column("taken_at", migration_types.Moment, nullable=False),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_seats_process_id"),
        sa.PrimaryKeyConstraint("process_id", "fence", name="pk_seats"),
        sqlite_with_rowid=False,
    )
    online_ddl.index_new_table("ix_seats_limit", "seats", ["limit_name", "process_id"])
    online_ddl.add_column("processes", sa.Column("pool_since", migration_types.Moment, nullable=True))
    online_ddl.add_column("processes", sa.Column("pool", migration_types.name(100), nullable=True))
    online_ddl.create_index(
        "ix_processes_pool",
        "processes",
        ["waiting_for", "name", "version", "pool", "pool_since", "id"],
        mssql_include=["step", "channel", "command_key"],
        **migration_types.where("waiting_for = 'platform'"),
    )


def downgrade() -> None:
    """Take it back; what rests in a pool is due again at its moment."""
    online_ddl.drop_index("ix_processes_pool", "processes")
    online_ddl.drop_column("processes", "pool")
    online_ddl.drop_column("processes", "pool_since")
    online_ddl.drop_table("seats")
    online_ddl.drop_table("limits")
