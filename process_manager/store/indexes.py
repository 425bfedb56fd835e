"""The indexes of the tables, for whoever makes or compares them: with these, `metadata` is all that is declared.

Apart from the tables, as a worker needs none of it: an index of some rows has SQLAlchemy load every dialect it names.
"""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.store.kinds import where
from process_manager.store.ledger import ledger
from process_manager.store.tables import metadata, processes

__all__ = ["metadata"]

p, taken = processes.c, ledger.c

sa.Index("ix_processes_due", p.name, p.version, p.due_at, p.id, **where("due_at IS NOT NULL"))
sa.Index("ix_processes_lease", p.lease_ends_at, **where("lease_ends_at IS NOT NULL"))
sa.Index("ix_processes_lane", p.order_key, p.id, **where("order_key IS NOT NULL AND finished_at IS NULL"))
sa.Index("ix_processes_attention", p.status, p.id, **where("status IN ('failed', 'uncertain', 'quarantined')"))
sa.Index("ix_processes_reference", p.reference, **where("reference IS NOT NULL"))
sa.Index("ix_processes_command", p.command_key, p.id, **where("command_key IS NOT NULL"))

# On MariaDB, which has no index of some rows only, the migration makes it one that is not unique.
sa.Index("uq_ledger_open", taken.source, taken.row_id, unique=True, **where("closed_at IS NULL"))
sa.Index("ix_ledger_process", taken.process_id, taken.id, **where("closed_at IS NULL"))
sa.Index("ix_ledger_row", taken.source, taken.row_id, taken.id)
