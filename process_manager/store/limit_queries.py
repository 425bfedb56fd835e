"""Questions about limits and rates, and the one change that a person makes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager.lifecycle.pool import WAITS
from process_manager.store import sqlserver_hints as hints
from process_manager.store.limit_tables import is_held, limits, seats
from process_manager.store.tables import processes

MOST: Final = 10_000
"""The most resting processes that are counted."""

_limit, s, p = limits.c, seats.c, processes.c


class LimitRow(NamedTuple):
    """A limit of seats, or with a period a rate: what the code declares, and what a person chose instead."""

    name: str
    period_ms: int | None
    declared: int
    chosen: int | None
    next_at: datetime | None
    changed_at: datetime | None
    changed_by: str | None
    versions: str | None

    @property
    def most(self) -> int:
        """How many there are now: of seats, or of starts in a period."""
        return self.declared if self.chosen is None else self.chosen

    @property
    def period(self) -> timedelta | None:
        """The period of a rate."""
        return None if self.period_ms is None else timedelta(milliseconds=self.period_ms)


class Holder(NamedTuple):
    """A process that has a seat now."""

    limit_name: str
    process_id: int
    name: str
    step: str
    since: datetime
    worker: str | None


def all_of(connection: sa.Connection) -> list[LimitRow]:
    """Return every limit and rate by name; a name is there once a worker that declares it has looked for work."""
    return [LimitRow(*row) for row in connection.execute(sa.select(*_limit).order_by(_limit.name))]


def one(connection: sa.Connection, name: str) -> LimitRow | None:
    """Return a limit or a rate; None when there is none of this name."""
    row = connection.execute(sa.select(*_limit).where(_limit.name == name)).one_or_none()
    return None if row is None else LimitRow(*row)


def holders(connection: sa.Connection, name: str | None = None) -> list[Holder]:
    """Return who has the seats, of one limit or of all, the longest holding first."""
    columns = (s.limit_name, s.process_id, p.name, s.step, s.taken_at, p.worker)
    found = sa.select(*columns).select_from(seats.join(processes, is_held()))
    found = found.where(*([] if name is None else [s.limit_name == name]))
    return [Holder(*row) for row in connection.execute(found.order_by(s.taken_at, s.process_id))]


def resting(connection: sa.Connection) -> Mapping[str, int]:
    """Return how many processes rest in each pool, of the first MOST that do."""
    first = sa.select(p.pool).where(p.waiting_for == WAITS, p.pool.is_not(None)).limit(MOST)
    pool = hints.on(first, processes, hints.READ_PAST).subquery("resting").c.pool
    found = connection.execute(sa.select(pool, sa.func.count()).group_by(pool))
    return {row[0]: row[1] for row in found}


def choose(connection: sa.Connection, name: str, number: int | None, *, by: str, now: datetime) -> bool:
    """Set the number that a person chose, None for what the code declares; return whether there is such a limit."""
    values = {"chosen": sa.null() if number is None else number, "changed_at": now, "changed_by": by}
    return bool(connection.execute(sa.update(limits).where(_limit.name == name).values(values)).rowcount)
