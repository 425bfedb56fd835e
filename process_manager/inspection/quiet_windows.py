"""The next quiet windows, and what each of them would hold."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from process_manager.gates.quiet import Quiet, Window
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store import queries

Pair = tuple[str, int]


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
    kinds = viewer.kinds
    special = {pair: quiet for pair, quiet in own.items() if quiet != engine and (kinds is None or pair[0] in kinds)}
    found = []
    for quiet in dict.fromkeys([engine, *special.values()]):
        pairs = {pair for pair, one in special.items() if one == quiet}
        whose = ", ".join(f"{name} {version}" for name, version in sorted(pairs)) or "engine"
        for window in quiet.coming(now, days=days):
            rows = _due(connection, window, now, viewer)
            ours = [row for pair, row in rows.items() if (pair in pairs if pairs else pair not in special)]
            found.append(_counted(whose, window, quiet, ours))
    return sorted(found, key=lambda window: (window.start, window.of))


def _due(connection: sa.Connection, window: Window, now: datetime, viewer: Viewer) -> Mapping[Pair, sa.RowMapping]:
    """Return what is due in a window: once it is open, all that is due by its end."""
    start = None if window.start <= now else window.start
    rows = queries.due_between(connection, start, window.end, kinds=viewer.kinds)
    return {(row["name"], row["version"]): row for row in rows}


def _counted(whose: str, window: Window, quiet: Quiet, rows: Collection[sa.RowMapping]) -> ComingWindow:
    return ComingWindow(
        of=whose,
        start=window.start,
        end=window.end,
        rule=window.rule,
        zone=quiet.zone.key,
        held=sum(row["inside"] for row in rows),
        at_end=sum(row["at_end"] for row in rows),
    )
