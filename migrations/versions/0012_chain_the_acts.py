"""The audit chain: a row for each act of somebody on something that is there, and the end to which the next is added."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0012"
down_revision = "0011"

START = "0" * 64


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", migration_types.Moment, nullable=False),
        sa.Column("actor", sa.Unicode(200), nullable=False),
        sa.Column("actor_kind", sa.Unicode(10), nullable=False),
        sa.Column("role", sa.Unicode(20), nullable=False),
        sa.Column("way", sa.Unicode(10), nullable=False),
        sa.Column("address", sa.Unicode(200), nullable=True),
        sa.Column("request_id", sa.Unicode(100), nullable=True),
        sa.Column("act", sa.Unicode(40), nullable=False),
        sa.Column("name", migration_types.name(100), nullable=True),
        sa.Column("process_id", migration_types.key, autoincrement=False, nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("target", sa.Unicode(200), nullable=True),
        sa.Column("reason", sa.Unicode(2000), nullable=False),
        sa.Column("before", migration_types.long_text, nullable=True),
        sa.Column("after", migration_types.long_text, nullable=True),
        sa.Column("result", sa.Unicode(10), nullable=False),
        sa.Column("message", sa.Unicode(2000), nullable=False),
        sa.Column("hash", sa.Unicode(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
        sa.CheckConstraint("result IN ('done', 'refused')", name="ck_audit_result"),
        sqlite_with_rowid=False,
    )
    online_ddl.index_new_table("ix_audit_process", "audit", ["process_id", "number"])
    for column in ("actor", "act", "name", "result", "at"):
        online_ddl.index_new_table(f"ix_audit_{column}", "audit", [column, "number"])
    online_ddl.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Unicode(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
        sa.CheckConstraint("id = 1", name="ck_audit_head_one_row"),
    )
    head = {
        "id": sa.literal_column("1", sa.Integer()),
        "number": sa.literal_column("0", sa.BigInteger()),
        "hash": sa.literal_column(f"'{START}'", sa.Unicode(64)),
    }
    online_ddl.insert_once("audit_head", head, key="id")


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("audit_head")
    online_ddl.drop_table("audit")
