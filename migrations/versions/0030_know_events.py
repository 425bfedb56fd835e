"""Events: named facts that processes wait for."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "events",
        sa.Column("key", migration_types.name(200), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("stated_at", migration_types.Moment),
        sa.Column("waking", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("key", name="pk_events"),
        sqlite_with_rowid=False,
    )
    online_ddl.index_new_table("ix_events_waking", "events", ["waking", "key"], **migration_types.where("waking = 1"))
    online_ddl.create_table(
        "event_signals",
        sa.Column("key", migration_types.name(200), nullable=False),
        sa.Column("number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("stated_at", migration_types.Moment, nullable=False),
        sa.Column("payload", migration_types.long_text),
        sa.Column("by", sa.Unicode(200), nullable=False),
        sa.Column("withdrawn_at", migration_types.Moment),
        sa.Column("withdrawn_by", sa.Unicode(200)),
        sa.PrimaryKeyConstraint("key", "number", name="pk_event_signals"),
        sqlite_with_rowid=False,
    )
    online_ddl.create_table("event_waits", *_waits(), sqlite_with_rowid=False)
    where = migration_types.where("is_open = 1")
    columns = ["key", "is_open", "process_id"]
    online_ddl.index_new_table("ix_event_waits_open", "event_waits", columns, mssql_include=["number"], **where)


def _waits() -> list[sa.Column[object] | sa.Constraint]:
    return [
        sa.Column("process_id", migration_types.key, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("key", migration_types.name(200), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("step_key", migration_types.name(200), nullable=False),
        sa.Column("is_open", sa.Integer, nullable=False),
        sa.Column("woken_number", sa.BigInteger),
        sa.Column("woken_seq", sa.Integer),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_event_waits_process_id"),
        sa.PrimaryKeyConstraint("process_id", "seq", name="pk_event_waits"),
    ]


def downgrade() -> None:
    """Take it back."""
    for table in ("event_waits", "event_signals", "events"):
        online_ddl.drop_table(table)
