"""What a schema change would delete, and who is working: queries that work in every version of the schema."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from process_manager.store.audit_chain import audit_head
from process_manager.store.tables import processes, workers

p, w = processes.c, workers.c


def processes_kept(connection: sa.Connection) -> tuple[int, int]:
    """Return how many processes there are, and how many of them are open."""
    is_open = sa.case((p.finished_at.is_(None), 1))
    every, still_open = connection.execute(
        sa.select(sa.func.count(), sa.func.count(is_open)).select_from(processes)
    ).one()
    return int(every), int(still_open)


def acts_chained(connection: sa.Connection) -> int:
    """Return how many rows the audit chain has; 0 when the schema has none yet."""
    if not sa.inspect(connection).has_table(audit_head.name):
        return 0
    return connection.execute(sa.select(audit_head.c.number)).scalar() or 0


def held(connection: sa.Connection, *, now: datetime) -> Sequence[int]:
    """Return the ids of processes that a worker or a calling program holds, by their lease."""
    return connection.execute(sa.select(p.id).where(p.lease_ends_at > now).order_by(p.id)).scalars().all()


def workers_seen(connection: sa.Connection, *, since: datetime) -> Sequence[str]:
    """Return the names of workers seen since then; none when the schema has no workers yet."""
    if not sa.inspect(connection).has_table(workers.name):
        return ()
    return connection.execute(sa.select(w.name).where(w.seen_at >= since).order_by(w.name)).scalars().all()
