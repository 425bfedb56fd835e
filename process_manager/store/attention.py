"""Queries for what needs a person; each reads a bounded number of rows, however much went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import sqlalchemy as sa

from process_manager.lifecycle.status import NEEDS_A_PERSON, Status
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.filters import IN_TROUBLE, Kinds, of_kinds
from process_manager.store.tables import process_steps, processes

p, h = processes.c, process_steps.c

MOST_DUE: Final = 10_000


def in_trouble(connection: sa.Connection, *, most: int, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Return the newest processes of each status that needs a person, with their newest message.

    Args:
        connection: A connection in any transaction.
        most: How many of each status.
        kinds: Only those that whoever asks may see.
    """
    held = p.status.in_(map(always, IN_TROUBLE))
    newest = [
        sa.select(p.id).where(p.status == always(each), held, *of_kinds(kinds)).order_by(p.id.desc()).limit(most)
        for each in NEEDS_A_PERSON
    ]
    ids = sa.union_all(*(sa.select(each.subquery().c.id) for each in newest)).subquery("newest")
    columns = (p.id, p.name, p.version, p.step, p.status, p.reference, p.updated_at, h.message)
    said = sa.and_(h.process_id == p.id, h.seq == p.seq)
    statement = sa.select(*columns).select_from(processes.outerjoin(process_steps, said))
    statement = statement.where(p.id.in_(sa.select(ids.c.id))).order_by(p.id)
    return connection.execute(hints.on(statement, processes, hints.SEEK)).mappings().all()


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


def since(connection: sa.Connection, moment: datetime, *, most: int, kinds: Kinds = None) -> sa.RowMapping:
    """Count what was started and what ended since then, among the newest processes."""
    newest = sa.select(p.status, p.created_at, p.finished_at).where(*of_kinds(kinds)).order_by(p.id.desc()).limit(most)
    n = newest.subquery("newest").c

    def number(*which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*which), 1), else_=0)), 0)

    statement = sa.select(
        number(n.created_at >= moment).label("started"),
        *(
            number(n.status == always(each), n.finished_at >= moment).label(str(each))
            for each in (Status.SUCCEEDED, Status.SKIPPED, Status.REJECTED, Status.ABANDONED)
        ),
    )
    return connection.execute(statement).mappings().one()


def due_per_hour(connection: sa.Connection, *, now: datetime, hours: int, kinds: Kinds = None) -> list[int]:
    """Count what will be due in each of the coming hours."""
    ends = [now + timedelta(hours=number) for number in range(hours + 1)]
    columns = [
        sa.func.coalesce(sa.func.sum(sa.case((sa.and_(p.due_at > first, p.due_at <= last), 1), else_=0)), 0)
        for first, last in pairwise(ends)
    ]
    within = (p.due_at > ends[0], p.due_at <= ends[-1])
    return list(connection.execute(sa.select(*columns).where(*within, *of_kinds(kinds))).one())
