"""Children: whose child a process is, and by which count its parent is woken."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table("children", *_children(), sqlite_with_rowid=False)
    online_ddl.index_new_table("ix_children_process", "children", ["process_id"], unique=True)
    online_ddl.create_table("joins", *_joins(), sqlite_with_rowid=False)
    where = migration_types.where("waking = 1")
    online_ddl.index_new_table("ix_joins_waking", "joins", ["waking", "parent_id"], **where)


def _children() -> list[sa.Column[object] | sa.Constraint]:
    return [
        sa.Column("parent_id", migration_types.key, autoincrement=False, nullable=False),
        sa.Column("key", migration_types.name(200), nullable=False),
        sa.Column("process_id", migration_types.key, nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["processes.id"], name="fk_children_parent_id"),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name="fk_children_process_id"),
        sa.PrimaryKeyConstraint("parent_id", "key", name="pk_children"),
    ]


def _joins() -> list[sa.Column[object] | sa.Constraint]:
    return [
        sa.Column("parent_id", migration_types.key, autoincrement=False, nullable=False),
        sa.Column("open", sa.Integer, nullable=False),
        sa.Column("settled", sa.BigInteger, nullable=False),
        sa.Column("waits", sa.Unicode(3), nullable=False),
        sa.Column("step_key", migration_types.name(200), nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("waking", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["processes.id"], name="fk_joins_parent_id"),
        sa.PrimaryKeyConstraint("parent_id", name="pk_joins"),
    ]


def downgrade() -> None:
    """Take it back."""
    for table in ("joins", "children"):
        online_ddl.drop_table(table)
