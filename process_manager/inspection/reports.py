"""How some days went: what ended on each, what needed a person, how long it took, and what went wrong."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa

from process_manager.definition.registry import Registry
from process_manager.inspection.histogram import Histogram
from process_manager.inspection.report_answers import (
    DayReport,
    DaysReport,
    DurationReport,
    DurationsReport,
    Report,
    Totals,
)
from process_manager.inspection.report_causes import ReportCause, report_causes
from process_manager.inspection.report_period import ReportDays
from process_manager.inspection.report_steps import StepReport, in_order, step_reports
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.status import CLOSED
from process_manager.store import reports as store
from process_manager.store.filters import Kinds
from process_manager.store.reports import Ended

MOST_LIVED: Final = 5_000
"""Of about so many processes it is read how long they took."""

MOST_RUN: Final = 20_000
"""Of about so many the runs of their steps are counted."""

MOST_TIMED: Final = 1_500
"""Of about so many it is read how long each of their steps took."""

MOST_STOPPED: Final = 10_000
MOST_WAITED: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked: the days, and which kinds of those that somebody may see."""

    period: ReportDays
    viewer: Viewer
    kinds: Kinds

    def ended(self, number: int, most: int) -> Ended:
        """Return those that ended, of `number` about so many, at most."""
        return Ended(self.period.stretch, self.kinds, one_in(number, most))


def report(
    connection: sa.Connection,
    period: ReportDays,
    *,
    registry: Registry,
    name: str | None = None,
    viewer: Viewer = CONSOLE,
) -> Report:
    """Return how some days went.

    Args:
        connection: A connection in any transaction.
        period: Which days.
        registry: The classes that are known here: they know in which order steps come.
        name: Only processes of this name.
        viewer: Who asks.

    Returns:
        Its figures, days, durations, steps and causes.
    """
    asked = _asked(period, name, viewer)
    stopped = store.stopped(connection, period.stretch, most=MOST_STOPPED, kinds=asked.kinds)
    days = _days(connection, asked, stopped)
    number = days.total.finished
    durations = _durations(connection, asked, number)
    steps = in_order(_steps(connection, asked, number, stopped), registry)
    causes, is_cut = report_causes(connection, asked.ended(0, 1), stopped, viewer)
    return Report(period, days, durations, steps, causes, one_in(number, MOST_RUN), is_cut)


def report_days(
    connection: sa.Connection, period: ReportDays, *, name: str | None = None, viewer: Viewer = CONSOLE
) -> DaysReport:
    """Return what ended on each of some days.

    Args:
        connection: A connection in any transaction.
        period: Which days.
        name: Only processes of this name.
        viewer: Who asks.

    Returns:
        What `report` says of the days.
    """
    asked = _asked(period, name, viewer)
    return _days(connection, asked, store.stopped(connection, period.stretch, most=MOST_STOPPED, kinds=asked.kinds))


def report_durations(
    connection: sa.Connection, period: ReportDays, *, name: str | None = None, viewer: Viewer = CONSOLE
) -> DurationsReport:
    """Return how long it took what ended on some days.

    Args:
        connection: A connection in any transaction.
        period: Which days.
        name: Only processes of this name.
        viewer: Who asks.

    Returns:
        What `report` says of durations.
    """
    asked = _asked(period, name, viewer)
    return _durations(connection, asked, _number(connection, asked))


def report_steps(
    connection: sa.Connection,
    period: ReportDays,
    *,
    registry: Registry,
    name: str | None = None,
    viewer: Viewer = CONSOLE,
) -> tuple[StepReport, ...]:
    """Return what the steps did of what ended on some days.

    Args:
        connection: A connection in any transaction.
        period: Which days.
        registry: The classes that are known here: they know in which order steps come.
        name: Only processes of this name.
        viewer: Who asks.

    Returns:
        What `report` says of each step.
    """
    asked = _asked(period, name, viewer)
    stopped = store.stopped(connection, period.stretch, most=MOST_STOPPED, kinds=asked.kinds)
    return in_order(_steps(connection, asked, _number(connection, asked), stopped), registry)


def report_errors(
    connection: sa.Connection, period: ReportDays, *, name: str | None = None, viewer: Viewer = CONSOLE
) -> tuple[ReportCause, ...]:
    """Return what went wrong with what ended or stopped on some days.

    Args:
        connection: A connection in any transaction.
        period: Which days.
        name: Only processes of this name.
        viewer: Who asks.

    Returns:
        What `report` says of the causes, the commonest first.
    """
    asked = _asked(period, name, viewer)
    stopped = store.stopped(connection, period.stretch, most=MOST_STOPPED, kinds=asked.kinds)
    return report_causes(connection, asked.ended(0, 1), stopped, viewer)[0]


def one_in(number: int, most: int) -> int:
    """Return of one in how many something is read, that it is about `most`: a prime, as kinds may come in turn."""
    if number <= most:
        return 1
    found = math.ceil(number / most)
    while any(found % each == 0 for each in range(2, math.isqrt(found) + 1)):
        found += 1
    return found


def _asked(period: ReportDays, name: str | None, viewer: Viewer) -> _Asked:
    named = None if name is None else frozenset({name})
    kinds = named if viewer.kinds is None else viewer.kinds if named is None else viewer.kinds & named
    return _Asked(period, viewer, kinds)


def _number(connection: sa.Connection, asked: _Asked) -> int:
    rows = store.per_stretch(connection, [asked.period.stretch])
    return sum(row.number for row in rows if _is_seen(row.name, asked.kinds))


def _is_seen(name: str, kinds: Kinds) -> bool:
    return kinds is None or name in kinds


# --- days -------------------------------------------------------------------------------------------------------------


def _days(connection: sa.Connection, asked: _Asked, stopped: Iterable[Any]) -> DaysReport:
    period = asked.period
    rows = store.per_stretch(connection, [*period.stretches, period.before.stretch])
    seen = [row for row in rows if _is_seen(row.name, asked.viewer.kinds)]
    counted = [row for row in seen if _is_seen(row.name, asked.kinds)]
    last = len(period.days)
    days = [_day(day, [row for row in counted if row.stretch == at]) for at, day in enumerate(period.days)]
    for row in stopped:
        at = period.place(row.stopped_at)
        days[at] = replace(days[at], stopped=days[at].stopped + 1)
    now, before = (_total(row for row in counted if (row.stretch == last) is is_before) for is_before in (False, True))
    kinds = sorted({row.name for row in seen if row.stretch != last})
    return DaysReport(tuple(days), now, before, tuple(kinds))


def _day(day: date, rows: Sequence[Any]) -> DayReport:
    by_status: Mapping[str, int] = {str(each): sum(row.number for row in rows if row.status == each) for each in CLOSED}
    return DayReport(day, **by_status, needed=sum(int(row.needed) for row in rows))


def _total(rows: Iterable[Any]) -> Totals:
    counted = [(row.number, int(row.needed)) for row in rows]
    return Totals(sum(number for number, _needed in counted), sum(needed for _number, needed in counted))


# --- durations --------------------------------------------------------------------------------------------------------


def _durations(connection: sa.Connection, asked: _Asked, number: int) -> DurationsReport:
    period = asked.period
    found: defaultdict[int, list[timedelta]] = defaultdict(list)
    for row in store.lived(connection, asked.ended(number, MOST_LIVED)) if number else ():
        found[period.place(row.finished_at)].append(row.finished_at - row.created_at)
    each = [Histogram.of(found[at]) for at in range(len(period.days))]
    waits = store.waits(connection, asked.ended(0, 1), most=MOST_WAITED) if number else ()
    waited = Histogram.of(row.acted_at - row.stopped_at for row in waits)
    return DurationsReport(
        tuple(_told(day, histogram) for day, histogram in zip(period.days, each, strict=True)),
        _told(None, sum(each, Histogram())),
        _told(None, waited),
    )


def _told(day: date | None, histogram: Histogram) -> DurationReport:
    return DurationReport(day, histogram.number, histogram.within(0.5), histogram.within(0.95))


# --- steps ------------------------------------------------------------------------------------------------------------


def _steps(connection: sa.Connection, asked: _Asked, number: int, stopped: Iterable[Any]) -> tuple[StepReport, ...]:
    if not number:
        return step_reports((), (), stopped, one_in=1)
    counted = asked.ended(number, MOST_RUN)
    runs = store.runs(connection, counted)
    times = store.run_times(connection, asked.ended(number, MOST_TIMED))
    return step_reports(runs, times, stopped, one_in=counted.one_in)
