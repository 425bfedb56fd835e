"""The indexes of the tables, for whoever makes or compares them: with these, `metadata` is all that is declared.

Apart from the tables, as a worker needs none of it: an index of some rows has SQLAlchemy load every dialect it names.
"""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.store.column_types import where
from process_manager.store.filters import IN_TROUBLE
from process_manager.store.ledger import ledger
from process_manager.store.tables import dedup_keys, listed, metadata, processes

__all__ = ["metadata"]

p, taken = processes.c, ledger.c

# SQL Server alone holds what a claim asks beside the range: a row that had to be looked up for it might stay locked,
# though it is passed over. A step changes there only with rows that are due: those that run are not in it.
sa.Index(
    "ix_processes_due",
    p.name,
    p.version,
    p.due_at,
    p.id,
    mssql_include=["step", "channel", "command_key"],
    **where("due_at IS NOT NULL"),
)
# The same, for who takes some channels only: what is due in the others is not read.
sa.Index(
    "ix_processes_channel",
    p.channel,
    p.name,
    p.version,
    p.due_at,
    p.id,
    mssql_include=["step", "command_key"],
    **where("due_at IS NOT NULL"),
)
sa.Index("ix_processes_lease", p.lease_ends_at, **where("lease_ends_at IS NOT NULL"))
# Nor does it believe a condition that a column IS NULL, unless it finds the column beside it.
sa.Index(
    "ix_processes_lane",
    p.order_key,
    p.id,
    mssql_include=["finished_at"],
    **where("order_key IS NOT NULL AND finished_at IS NULL"),
)
# What a person looks for among much that went well. Of what has ended, it holds only what ended badly.
sa.Index("ix_processes_trouble", p.status, p.id, **where(f"status IN ({listed(IN_TROUBLE)})"))
sa.Index("ix_processes_reference", p.reference, **where("reference IS NOT NULL"))
sa.Index("ix_processes_command", p.command_key, p.id, **where("command_key IS NOT NULL"))

# To take back a process, each database looks for keys that point to it: without this among all that there are.
sa.Index("ix_dedup_keys_process", dedup_keys.c.process_id)

_open = {"mssql_include": ["closed_at"], **where("closed_at IS NULL")}
# On MariaDB, which has no index of some rows only, the migration makes it one that is not unique.
sa.Index("uq_ledger_open", taken.source, taken.row_id, unique=True, **_open)
sa.Index("ix_ledger_process", taken.process_id, taken.id, **_open)
sa.Index("ix_ledger_row", taken.source, taken.row_id, taken.id)
