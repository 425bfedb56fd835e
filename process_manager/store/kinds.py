"""How many processes of each version stand where: of what is open only, and of no step more than a limit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from process_manager.lifecycle.status import NEEDS_A_PERSON, Status
from process_manager.store.column_types import always
from process_manager.store.filters import IN_TROUBLE, Kinds, of_kinds
from process_manager.store.tables import processes

p = processes.c

MOST: Final = 10_000
"""Of a version, or of a status, no more are looked at one by one."""

MOST_VERSIONS: Final = 200
"""One statement counts the steps of so many versions: SQLite joins no more than 500 selects."""


def resting(connection: sa.Connection, *, now: datetime, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Count what rests with a moment, by name and version, and how much of it is due: by an index alone."""
    due = sa.func.sum(sa.case((p.due_at <= now, 1), else_=0)).label("due")
    statement = (
        sa.select(p.name, p.version, sa.func.count().label("number"), due)
        .where(p.due_at.is_not(None), *of_kinds(kinds))
        .group_by(p.name, p.version)
        .order_by(p.name, p.version)
    )
    return connection.execute(statement).mappings().all()


def resting_steps(connection: sa.Connection, versions: Sequence[tuple[str, int]]) -> Sequence[sa.RowMapping]:
    """Count what rests of these versions by step and channel, with the moment when the oldest was started."""
    parts = [_of_version(*version) for version in versions[:MOST_VERSIONS]]
    return connection.execute(sa.union_all(*parts)).mappings().all() if parts else []


def _of_version(name: str, version: int) -> sa.Select[Any]:
    which = (p.name == name, p.version == version, p.due_at.is_not(None))
    some = sa.select(p.name, p.version, p.step, p.channel, p.created_at).where(*which).limit(MOST + 1)
    return _counted(some, "resting")


def elsewhere(connection: sa.Connection, *, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Count what is open without a moment by what holds it: a worker, a person, or its lane; up to a limit of each."""
    parts = [
        _held("running", p.lease_ends_at.is_not(None), *of_kinds(kinds)),
        _held(
            "lane",
            p.order_key.is_not(None),
            p.finished_at.is_(None),
            p.due_at.is_(None),
            p.status == always(Status.WAITING),
            *of_kinds(kinds),
        ),
        *(
            _held("person", p.status == always(each), p.status.in_(map(always, IN_TROUBLE)), *of_kinds(kinds))
            for each in NEEDS_A_PERSON
        ),
    ]
    return connection.execute(sa.union_all(*parts)).mappings().all()


def _held(what: str, *which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    some = sa.select(p.name, p.version, p.step, p.channel, p.created_at).where(*which).limit(MOST + 1)
    return _counted(some, what)


def _counted(some: sa.Select[Any], what: str) -> sa.Select[Any]:
    s = some.subquery().c
    numbers = (sa.func.count().label("number"), sa.func.min(s.created_at).label("oldest"))
    return sa.select(always(what).label("what"), s.name, s.version, s.step, s.channel, *numbers).group_by(
        s.name, s.version, s.step, s.channel
    )
