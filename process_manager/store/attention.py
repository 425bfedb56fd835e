"""Queries for what needs a person; each reads a bounded number of rows, however much went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import sqlalchemy as sa

from process_manager.lifecycle.status import NEEDS_A_PERSON
from process_manager.store.column_types import always
from process_manager.store.filters import IN_TROUBLE, Kinds, of_kinds
from process_manager.store.tables import processes

p = processes.c

MOST_DUE: Final = 10_000


def needs_a_person(connection: sa.Connection, *, most: int, kinds: Kinds = None) -> int:
    """Count the processes that have stopped until someone acts, up to so many."""
    held = p.status.in_(map(always, IN_TROUBLE))
    parts = [
        sa.select(p.id).where(p.status == always(each), held, *of_kinds(kinds)).limit(most).subquery()
        for each in NEEDS_A_PERSON
    ]
    counted = [sa.select(sa.func.count()).select_from(each).scalar_subquery() for each in parts]
    return min(sum(connection.execute(sa.select(*counted)).one()), most)


def due(connection: sa.Connection, *, now: datetime, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Count what is due, by name, version, step and channel, with the moment of the oldest."""
    some = sa.select(p.name, p.version, p.step, p.channel, p.due_at).where(p.due_at <= now, *of_kinds(kinds))
    s = some.limit(MOST_DUE + 1).subquery("due").c
    counted = (sa.func.count().label("number"), sa.func.min(s.due_at).label("oldest"))
    statement = sa.select(s.name, s.version, s.step, s.channel, *counted)
    statement = statement.group_by(s.name, s.version, s.step, s.channel)
    return connection.execute(statement).mappings().all()


def longest_running(connection: sa.Connection, *, most: int, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Return the processes whose step has been running longest."""
    columns = (p.id, p.name, p.version, p.step, p.worker, p.lease_ends_at, p.step_started_at)
    statement = sa.select(*columns).where(p.lease_ends_at.is_not(None), *of_kinds(kinds))
    return connection.execute(statement.order_by(p.step_started_at).limit(most)).mappings().all()


def due_per_hour(connection: sa.Connection, *, now: datetime, hours: int, kinds: Kinds = None) -> list[int]:
    """Count what will be due in each of the coming hours."""
    ends = [now + timedelta(hours=number) for number in range(hours + 1)]
    columns = [
        sa.func.coalesce(sa.func.sum(sa.case((sa.and_(p.due_at > first, p.due_at <= last), 1), else_=0)), 0)
        for first, last in pairwise(ends)
    ]
    within = (p.due_at > ends[0], p.due_at <= ends[-1])
    return list(connection.execute(sa.select(*columns).where(*within, *of_kinds(kinds))).one())
