"""Batches: one act on many processes, done wave by wave."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table("batches", *_batches(), sa.PrimaryKeyConstraint("id", name="pk_batches"))
    where = migration_types.where("finished_at IS NULL")
    online_ddl.index_new_table("ix_batches_open", "batches", ["id"], mssql_include=["finished_at"], **where)
    online_ddl.create_table(
        "batch_items",
        sa.Column("batch_id", migration_types.key, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("process_id", migration_types.key, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("step", migration_types.name(100)),
        sa.Column("result", sa.Unicode(10)),
        sa.Column("message", sa.Unicode(2000)),
        sa.Column("wave", sa.Integer),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="fk_batch_items_batch_id"),
        sa.PrimaryKeyConstraint("batch_id", "number", name="pk_batch_items"),
        sqlite_with_rowid=False,
    )


def _batches() -> list[sa.Column[object]]:
    return [
        sa.Column("id", migration_types.key, autoincrement=True, nullable=False),
        sa.Column("act", sa.Unicode(20), nullable=False),
        sa.Column("reason", sa.Unicode(2000), nullable=False),
        sa.Column("asked", migration_types.long_text, nullable=False),
        sa.Column("name", migration_types.name(100)),
        sa.Column("actor", sa.Unicode(200), nullable=False),
        sa.Column("is_person", sa.Integer, nullable=False),
        sa.Column("way", sa.Unicode(10), nullable=False),
        sa.Column("address", sa.Unicode(100)),
        sa.Column("request_id", sa.Unicode(100)),
        sa.Column("created_at", migration_types.Moment, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("ramp", sa.Integer, nullable=False),
        *(sa.Column(each, sa.Integer, nullable=False, server_default="0") for each in _COUNTED),
        sa.Column("ending", sa.Unicode(20)),
        sa.Column("ended_by", sa.Unicode(200)),
        sa.Column("finished_at", migration_types.Moment),
        sa.Column("runner", sa.Unicode(200)),
        sa.Column("lease_ends_at", migration_types.Moment),
        sa.Column("fence", sa.BigInteger, nullable=False, server_default="0"),
    ]


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("batch_items")
    online_ddl.drop_table("batches")


_COUNTED = ("wave", "watched", "position", "done", "refused", "skipped")
