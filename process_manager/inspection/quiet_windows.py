"""The next quiet windows, and what each of them would hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager.gates.quiet import Quiet, Window
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store import queries

Pair = tuple[str, int]
Stretch = tuple[datetime | None, datetime]
"""From when till when; None: from the beginning."""

HOURS: Final = 24

AT_ONCE: Final = 60
"""Stretches of time that are counted in one statement."""


@dataclass(frozen=True, slots=True)
class ComingWindow:
    """A quiet window of the engine or of some processes.

    `held` are processes whose moment falls into it, `at_end` those whose moment is its end: most of them were moved
    there, out of it.
    """

    of: str
    start: datetime
    end: datetime
    rule: str
    zone: str
    held: int
    at_end: int


def coming_windows(  # noqa: PLR0913 - all but three by name: which days, and who asks
    connection: sa.Connection,
    engine: Quiet,
    own: Mapping[Pair, Quiet],
    *,
    now: datetime,
    days: int,
    viewer: Viewer = CONSOLE,
) -> list[ComingWindow]:
    """List the quiet windows of the coming days, by their start.

    Args:
        connection: A connection in any transaction.
        engine: The windows of every process without its own.
        own: The windows of processes that have their own, by name and version.
        now: The present moment.
        days: How many days to look ahead.
        viewer: Who asks.

    Returns:
        Each window, and how many processes it would hold.
    """
    special = _special(engine, own, viewer)
    asked = _asked(engine, special, now, days)
    counted = _counted(connection, [_stretch(window, now) for _quiet, window in asked], viewer)
    return _listed(special, asked, counted)


def coming_day(
    connection: sa.Connection,
    engine: Quiet,
    own: Mapping[Pair, Quiet],
    *,
    now: datetime,
    viewer: Viewer = CONSOLE,
) -> tuple[list[ComingWindow], tuple[int, ...]]:
    """List the quiet windows of the coming day, and how many processes are due in each of its hours.

    Args:
        connection: A connection in any transaction.
        engine: The windows of every process without its own.
        own: The windows of processes that have their own, by name and version.
        now: The present moment.
        viewer: Who asks.
    """
    special = _special(engine, own, viewer)
    asked = _asked(engine, special, now, 1)
    ends = [now + timedelta(hours=number) for number in range(HOURS + 1)]
    counted = _counted(connection, [*pairwise(ends), *(_stretch(window, now) for _quiet, window in asked)], viewer)
    by_hour = tuple(sum(each.inside for each in rows.values()) for rows in islice(counted, HOURS))
    return _listed(special, asked, counted), by_hour


Asked = tuple[Quiet, Window]


def _asked(engine: Quiet, special: Mapping[Pair, Quiet], now: datetime, days: int) -> list[Asked]:
    return [(quiet, window) for quiet in (engine, *_each(special)) for window in quiet.coming(now, days=days)]


def _stretch(window: Window, now: datetime) -> Stretch:
    """Return from when till when something is held by a window: once it is open, all that is due by its end."""
    return (None if window.start <= now else window.start, window.end)


def _listed(
    special: Mapping[Pair, Quiet], asked: Iterable[Asked], counted: Iterable[Mapping[Pair, DueIn]]
) -> list[ComingWindow]:
    found = []
    for (quiet, window), rows in zip(asked, counted, strict=True):
        pairs = {pair for pair, one in special.items() if one == quiet}
        ours = [row for pair, row in rows.items() if (pair in pairs if pairs else pair not in special)]
        found.append(_coming(_whose(pairs), window, quiet, ours))
    return sorted(found, key=lambda window: (window.start, window.of))


def _special(engine: Quiet, own: Mapping[Pair, Quiet], viewer: Viewer) -> dict[Pair, Quiet]:
    """Return the windows of those that have not the engine's, as far as the viewer sees them."""
    kinds = viewer.kinds
    return {pair: quiet for pair, quiet in own.items() if quiet != engine and (kinds is None or pair[0] in kinds)}


def _each(special: Mapping[Pair, Quiet]) -> Iterable[Quiet]:
    return dict.fromkeys(special.values())


def _whose(pairs: Collection[Pair]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(pairs)) or "engine"


class DueIn(NamedTuple):
    """How many are due in a window, and at its very end."""

    inside: int
    at_end: int


def _counted(connection: sa.Connection, stretches: Sequence[Stretch], viewer: Viewer) -> Iterator[Mapping[Pair, DueIn]]:
    """Yield what is due in each, by name and version: many in one statement, for there may be hundreds of windows."""
    for first in range(0, len(stretches), AT_ONCE):
        some = stretches[first : first + AT_ONCE]
        rows = queries.due_in_each(connection, some, kinds=viewer.kinds)
        for number in range(len(some)):
            yield {
                (row["name"], row["version"]): DueIn(int(row[f"inside_{number}"]), int(row[f"at_end_{number}"]))
                for row in rows
            }


def _coming(whose: str, window: Window, quiet: Quiet, counted: Collection[DueIn]) -> ComingWindow:
    return ComingWindow(
        of=whose,
        start=window.start,
        end=window.end,
        rule=window.rule,
        zone=quiet.zone.key,
        held=sum(each.inside for each in counted),
        at_end=sum(each.at_end for each in counted),
    )


def past_today(
    engine: Quiet, own: Mapping[Pair, Quiet], *, since: datetime, now: datetime, viewer: Viewer = CONSOLE
) -> list[ComingWindow]:
    """List the quiet windows since a moment that are over: they hold nothing any more.

    Args:
        engine: The windows of every process without its own.
        own: The windows of processes that have their own, by name and version.
        since: The moment.
        now: The present moment.
        viewer: Who asks.
    """
    special = _special(engine, own, viewer)
    return [
        _coming(_whose([pair for pair, one in special.items() if one == quiet]), window, quiet, ())
        for quiet in (engine, *_each(special))
        for window in quiet.coming(since, days=1)
        if window.end <= now
    ]
