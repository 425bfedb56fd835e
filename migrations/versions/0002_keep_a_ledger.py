"""A ledger of the foreign rows that processes have taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from process_manager.store.kinds import Moment, key_type, name_type

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "ledger",
        sa.Column("id", key_type, autoincrement=True, nullable=False),
        sa.Column("source", name_type(100), nullable=False),
        sa.Column("row_id", name_type(100), nullable=False),
        sa.Column("batch", name_type(36), nullable=False),
        sa.Column("process_id", key_type, nullable=False),
        sa.Column("state", sa.Unicode(10), nullable=False),
        sa.Column("noted_at", Moment, nullable=False),
        sa.Column("claimed_at", Moment, nullable=True),
        sa.Column("closed_at", Moment, nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NULL AND state IN ('noted', 'claimed', 'queued', 'undone')) OR (closed_at IS NOT NULL AND state NOT IN ('noted', 'claimed', 'queued', 'undone'))",
            name=op.f("ck_ledger_closed_has_end"),
        ),
        sa.CheckConstraint(
            "state IN ('noted', 'claimed', 'queued', 'undone', 'done', 'let_go', 'withdrawn', 'too_late')",
            name=op.f("ck_ledger_state"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ledger"),
    )
    op.create_index(
        "ix_ledger_process",
        "ledger",
        ["process_id", "id"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
        mssql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_ledger_row", "ledger", ["source", "row_id", "id"], unique=False)
    op.create_index(
        "uq_ledger_open",
        "ledger",
        ["source", "row_id"],
        unique=op.get_context().dialect.name != "mariadb",  # where it would hold the closed rows, too
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
        mssql_where=sa.text("closed_at IS NULL"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("uq_ledger_open", table_name="ledger")
    op.drop_index("ix_ledger_row", table_name="ledger")
    op.drop_index("ix_ledger_process", table_name="ledger")
    op.drop_table("ledger")
