"""What runs now and what waits to, for the pages of commands and workers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from process_manager.store import sqlserver_hints as hints
from process_manager.store.filters import Kinds, of_kinds
from process_manager.store.tables import evidence, processes

p, e = processes.c, evidence.c

MOST_DUE: Final = 10_000
"""More than so many that are due are not counted."""


def running(connection: sa.Connection, *, most: int, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Return the steps that have been running longest, with the progress (JSON) that each reported."""
    columns = (p.id, p.name, p.version, p.channel, p.step, p.worker, p.lease_ends_at, p.step_started_at)
    its = sa.and_(e.process_id == p.id, e.seq == p.seq + 1, e.kind == "progress")
    statement = (
        sa.select(*columns, e.body.label("progress"))
        .outerjoin_from(processes, evidence, its)
        .where(p.lease_ends_at.is_not(None), *of_kinds(kinds))
        .order_by(p.step_started_at, p.id)
        .limit(most)
    )
    return connection.execute(hints.on(statement, evidence, hints.SEEK)).mappings().all()


def due_by_key(connection: sa.Connection, *, now: datetime, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Count what is due by all that a switch may name: name, channel and key of a command."""
    some = sa.select(p.name, p.channel, p.command_key).where(p.due_at <= now, *of_kinds(kinds))
    s = some.limit(MOST_DUE + 1).subquery("due").c
    statement = sa.select(s.name, s.channel, s.command_key, sa.func.count().label("number"))
    return connection.execute(statement.group_by(s.name, s.channel, s.command_key)).mappings().all()


def first_due(
    connection: sa.Connection, start: datetime, end: datetime, *, most: int, kinds: Kinds = None
) -> Sequence[sa.RowMapping]:
    """Return the processes that are due first from one moment to another."""
    within = (p.due_at >= start, p.due_at < end, *of_kinds(kinds))
    statement = sa.select(p.id, p.name, p.version, p.due_at).where(*within).order_by(p.due_at, p.id).limit(most)
    return connection.execute(statement).mappings().all()


def held(connection: sa.Connection, *, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Count what each worker holds, with the end of the first of its leases."""
    statement = (
        sa.select(p.worker, sa.func.count().label("number"), sa.func.min(p.lease_ends_at).label("lease_ends_at"))
        .where(p.lease_ends_at.is_not(None), *of_kinds(kinds))
        .group_by(p.worker)
    )
    return connection.execute(statement).mappings().all()
