"""Indexes that hold what is asked of them: the keys of a process; on SQL Server what is asked beside their own columns."""

from __future__ import annotations

from process_manager.database import laid, online

revision = "0009"
down_revision = "0008"

IN_LANE = "order_key IS NOT NULL AND finished_at IS NULL"


def upgrade() -> None:
    """Make the change."""
    online.create_index("ix_dedup_keys_process", "dedup_keys", ["process_id"])
    if online.is_mariadb():  # whose own index for the foreign key is of no use any more
        online.drop_index("fk_dedup_keys_process_id", "dedup_keys")
    _index_anew(due=["step", "channel", "command_key"], lane=["finished_at"], of_ledger=["closed_at"])


def downgrade() -> None:
    """Take it back."""
    _index_anew(due=[], lane=[], of_ledger=[])
    if online.is_mariadb():
        online.create_index("fk_dedup_keys_process_id", "dedup_keys", ["process_id"])
    online.drop_index("ix_dedup_keys_process", "dedup_keys")


def _index_anew(*, due: list[str], lane: list[str], of_ledger: list[str]) -> None:
    is_due, is_open = laid.where("due_at IS NOT NULL"), laid.where("closed_at IS NULL")
    online.include("ix_processes_due", "processes", ["name", "version", "due_at", "id"], due, **is_due)
    online.include("ix_processes_lane", "processes", ["order_key", "id"], lane, **laid.where(IN_LANE))
    online.include("ix_ledger_process", "ledger", ["process_id", "id"], of_ledger, **is_open)
    online.include("uq_ledger_open", "ledger", ["source", "row_id"], of_ledger, unique=True, **is_open)
