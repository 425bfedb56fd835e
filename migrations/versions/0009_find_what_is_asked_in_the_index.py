"""Indexes that hold what is asked of them: the keys of a process; on SQL Server what is asked beside their own columns."""

from __future__ import annotations

from process_manager.database import migration_types, online_ddl

revision = "0009"
down_revision = "0008"

IN_LANE = "order_key IS NOT NULL AND finished_at IS NULL"


def upgrade() -> None:
    """Make the change."""
    online_ddl.create_index("ix_dedup_keys_process", "dedup_keys", ["process_id"])
    if online_ddl.is_mariadb():  # whose own index for the foreign key is of no use any more
        online_ddl.drop_index("fk_dedup_keys_process_id", "dedup_keys")
    _index_anew(due=["step", "channel", "command_key"], lane=["finished_at"], of_ledger=["closed_at"])


def downgrade() -> None:
    """Take it back."""
    _index_anew(due=[], lane=[], of_ledger=[])
    if online_ddl.is_mariadb():
        online_ddl.create_index("fk_dedup_keys_process_id", "dedup_keys", ["process_id"])
    online_ddl.drop_index("ix_dedup_keys_process", "dedup_keys")


def _index_anew(*, due: list[str], lane: list[str], of_ledger: list[str]) -> None:
    is_due, is_open = migration_types.where("due_at IS NOT NULL"), migration_types.where("closed_at IS NULL")
    online_ddl.include("ix_processes_due", "processes", ["name", "version", "due_at", "id"], due, **is_due)
    online_ddl.include("ix_processes_lane", "processes", ["order_key", "id"], lane, **migration_types.where(IN_LANE))
    online_ddl.include("ix_ledger_process", "ledger", ["process_id", "id"], of_ledger, **is_open)
    online_ddl.include("uq_ledger_open", "ledger", ["source", "row_id"], of_ledger, unique=True, **is_open)
