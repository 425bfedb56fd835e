"""Queries for reports: each reads what ended in a stretch of time, by the index of when, and nothing that ended before.

Of much, one in so many is read, by the id: what is told of these holds for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from process_manager.lifecycle.status import Status
from process_manager.store.causes import STOPPED
from process_manager.store.column_types import always
from process_manager.store.filters import ERRORS, Kinds, of_kinds
from process_manager.store.tables import process_steps, processes

p, h = processes.c, process_steps.c

Stretch = tuple[datetime, datetime]
"""From a moment until before another."""

NEEDED: Final = sa.or_(p.cause.is_not(None), p.round > 1, p.status == always(Status.ABANDONED))
"""Whether somebody had to act before a process ended: it had stopped, went into another round, or was given up."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Which processes a report is about.

    Attributes:
        stretch: When they ended.
        kinds: Only those that whoever asks may see; None for all.
        one_in: Only one in so many.
    """

    stretch: Stretch
    kinds: Kinds = None
    one_in: int = 1

    @property
    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The same as conditions."""
        since, until = self.stretch
        some = [] if self.one_in == 1 else [p.id % always(self.one_in) == always(0)]
        return [p.finished_at >= since, p.finished_at < until, *some, *of_kinds(self.kinds)]


def per_stretch(connection: sa.Connection, stretches: Sequence[Stretch]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Count what ended in each stretch, by name and status, and how much of it needed a person.

    Args:
        connection: A connection in any transaction.
        stretches: At most a hundred or two; each row has the number of its own as `stretch`.
    """
    parts = [_counted(number, stretch) for number, stretch in enumerate(stretches)]
    return connection.execute(sa.union_all(*parts) if len(parts) > 1 else parts[0]).all()


def _counted(number: int, stretch: Stretch) -> sa.Select[*tuple[Any, ...]]:
    needed = sa.func.sum(sa.case((NEEDED, 1), else_=0)).label("needed")
    columns = (always(number).label("stretch"), p.name, p.status, sa.func.count().label("number"), needed)
    since, until = stretch
    return sa.select(*columns).where(p.finished_at >= since, p.finished_at < until).group_by(p.name, p.status)


def stopped(
    connection: sa.Connection, stretch: Stretch, *, most: int, kinds: Kinds = None
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Return what stopped in a stretch and still does not go on: where, why and when; at most so much."""
    columns = (p.id, p.name, p.version, p.step, p.status, p.cause, p.stopped_at)
    since, until = stretch
    within = (p.stopped_at >= since, p.stopped_at < until)
    return connection.execute(sa.select(*columns).where(*STOPPED, *within, *of_kinds(kinds)).limit(most)).all()


def lived(connection: sa.Connection, ended: Ended) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Return when each was started and when it ended."""
    return connection.execute(sa.select(p.name, p.created_at, p.finished_at).where(*ended.conditions)).all()


def runs(connection: sa.Connection, ended: Ended) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Count the runs of their steps by name, step and outcome."""
    columns = (p.name, h.step, h.outcome)
    statement = sa.select(*columns, sa.func.count().label("number")).where(*ended.conditions, *_RAN)
    return connection.execute(statement.group_by(*columns)).all()


def run_times(connection: sa.Connection, ended: Ended) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Return when each run of a step that was done began and ended."""
    columns = (p.name, h.step, h.started_at, h.finished_at)
    done = (h.outcome == always("done"), *_RAN)
    return connection.execute(sa.select(*columns).where(*ended.conditions, *done)).all()


_RAN: Final = (h.process_id == p.id, h.step.is_not(None), h.worker.is_not(None))
"""What a worker ran, and no person did."""


def errors(connection: sa.Connection, ended: Ended, *, most: int) -> Sequence[sa.RowMapping]:
    """Return the errors in their history, of those that ended last, at most so many."""
    columns = (p.id, p.name, p.version, h.step, h.outcome, h.message, h.finished_at)
    wrong = (h.process_id == p.id, h.outcome.in_(map(always, ERRORS)))
    statement = sa.select(*columns).where(*ended.conditions, *wrong)
    return connection.execute(statement.order_by(p.finished_at.desc(), p.id.desc()).limit(most)).mappings().all()


def waits(connection: sa.Connection, ended: Ended, *, most: int) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Return when some of them had stopped, and when somebody acted then."""
    acted = sa.func.min(h.finished_at).label("acted_at")
    then = (h.process_id == p.id, h.by.is_not(None), h.finished_at >= p.stopped_at)
    statement = sa.select(p.id, p.stopped_at, acted).where(*ended.conditions, p.cause.is_not(None), *then)
    return connection.execute(statement.group_by(p.id, p.stopped_at).limit(most)).all()
