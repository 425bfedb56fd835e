"""A ledger of the foreign rows that processes have taken."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.database import migration_types, online_ddl

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_table(
        "ledger",
        sa.Column("id", migration_types.key, autoincrement=True, nullable=False),
        sa.Column("source", migration_types.name(100), nullable=False),
        sa.Column("row_id", migration_types.name(100), nullable=False),
        sa.Column("batch", migration_types.name(36), nullable=False),
        sa.Column("process_id", migration_types.key, nullable=False),
        sa.Column("state", sa.Unicode(10), nullable=False),
        sa.Column("noted_at", migration_types.Moment, nullable=False),
        sa.Column("claimed_at", migration_types.Moment, nullable=True),
        sa.Column("closed_at", migration_types.Moment, nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL AND state IN ('noted', 'claimed', 'queued', 'undone')) OR (closed_at IS NOT NULL AND state NOT IN ('noted', 'claimed', 'queued', 'undone'))",
            name="ck_ledger_closed_has_end",
        ),
        sa.CheckConstraint(
            "state IN ('noted', 'claimed', 'queued', 'undone', 'done', 'let_go', 'withdrawn', 'too_late')",
            name="ck_ledger_state",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ledger"),
    )
    online_ddl.index_new_table(
        "ix_ledger_process",
        "ledger",
        ["process_id", "id"],
        **migration_types.where("closed_at IS NULL"),
    )
    online_ddl.index_new_table("ix_ledger_row", "ledger", ["source", "row_id", "id"])
    online_ddl.index_new_table(
        "uq_ledger_open",
        "ledger",
        ["source", "row_id"],
        unique=not online_ddl.is_mariadb(),  # where it would hold the closed rows, too
        **migration_types.where("closed_at IS NULL"),
    )


def downgrade() -> None:
    """Take it back."""
    online_ddl.drop_table("ledger")
