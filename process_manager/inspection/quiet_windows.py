"""The next quiet windows, and what each of them would hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager.gates.quiet import Quiet, Window
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store import queries

Pair = tuple[str, int]

AT_ONCE: Final = 60
"""Windows that are counted in one statement."""


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
    asked = [
        (quiet, window) for quiet in (engine, *_each(special)) for window in quiet.coming(now, days=days)
    ]  # in one statement for many windows: there may be hundreds
    counted = _counted(connection, [window for _quiet, window in asked], now, viewer)
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


def _counted(
    connection: sa.Connection, windows: Sequence[Window], now: datetime, viewer: Viewer
) -> Iterator[Mapping[Pair, DueIn]]:
    """Yield what is due in each window, by name and version: once it is open, all that is due by its end."""
    for first in range(0, len(windows), AT_ONCE):
        some = windows[first : first + AT_ONCE]
        stretches = [(None if window.start <= now else window.start, window.end) for window in some]
        rows = queries.due_in_each(connection, stretches, kinds=viewer.kinds)
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
