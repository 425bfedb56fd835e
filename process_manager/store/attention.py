"""Queries for what needs a person; each reads a bounded number of rows, however much went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager.lifecycle.status import NEEDS_A_PERSON
from process_manager.store import task_queries
from process_manager.store.causes import STOPPED
from process_manager.store.column_types import always
from process_manager.store.filters import IN_TROUBLE, Kinds, of_kinds
from process_manager.store.tables import processes

p = processes.c

MOST_DUE: Final = 10_000


def needs_a_person(connection: sa.Connection, *, most: int, kinds: Kinds = None) -> int:
    """Count the processes that have stopped until someone acts, up to so many."""
    return min(sum(connection.execute(sa.select(*_stopped(most, kinds))).one()), most)


class CountedTrouble(NamedTuple):
    """What waits for people.

    Attributes:
        stopped: How many have stopped until someone acts.
        recent: How many of them since a moment.
        late: How many tasks should have been answered.
        late_since: By when the first of these.
    """

    stopped: int
    recent: int
    late: int
    late_since: datetime | None


def waiting(
    connection: sa.Connection, *, since: datetime, now: datetime, most: tuple[int, int], kinds: Kinds = None
) -> CountedTrouble:
    """Count the same, those of them that have stopped since a moment, and overdue tasks, each up to so many."""
    lately = sa.select(p.id).where(*STOPPED, p.stopped_at >= since, *of_kinds(kinds)).limit(most[1])
    late = task_queries.overdue(now, most=most[1], kinds=kinds)
    *counted, recent, number, first = connection.execute(
        sa.select(*_stopped(most[0], kinds), _counted(lately), *late)
    ).one()
    return CountedTrouble(min(sum(counted), most[0]), int(recent), int(number), first)


def _stopped(most: int, kinds: Kinds) -> list[sa.ScalarSelect[int]]:
    held = p.status.in_(map(always, IN_TROUBLE))
    parts = [
        sa.select(p.id).where(p.status == always(each), held, *of_kinds(kinds)).limit(most) for each in NEEDS_A_PERSON
    ]
    return [_counted(each) for each in parts]


def _counted(some: sa.Select[int]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(some.subquery()).scalar_subquery()


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
