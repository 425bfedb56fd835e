"""The quiet windows of a week as a picture: a lane for whom they hold, a column a day, in percent of its width."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from process_manager.gates.quiet import walltime
from process_manager.inspection import ComingWindow

DAYS: Final = 7
LEFT: Final = 11.0
"""Percent that the names take."""
LANE: Final = 26
TOP: Final = 24
NEAR: Final = 4.0
"""Percent that a number must be apart from the next window to be read."""


@dataclass(frozen=True, slots=True)
class Block:
    """A quiet window: where it lies, and where the number of those it holds is written, if there is room."""

    x: float
    width: float
    number: int
    at: float | None


@dataclass(frozen=True, slots=True)
class WeekLane:
    """The quiet windows of the engine, or of some processes."""

    of: str
    y: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class WeekStrip:
    """A week, beginning with today."""

    height: int
    days: tuple[tuple[float, datetime], ...]
    lanes: tuple[WeekLane, ...]
    now: float


def first_moment(now: datetime, zone: str | None) -> datetime:
    """Return when the reader's day began."""
    return _midnight(now, zone, 0)


def week_strip(windows: Iterable[ComingWindow], *, now: datetime, zone: str | None) -> WeekStrip:
    """Return a week of quiet windows as a picture.

    Args:
        windows: The windows, those of today that are over included.
        now: The present moment.
        zone: The zone of the reader's clock.
    """
    days = [_midnight(now, zone, number) for number in range(DAYS + 1)]
    axis = _Axis(days[0], days[-1])
    by_whom: dict[str, list[ComingWindow]] = {}
    for each in sorted(windows, key=lambda window: (window.of, window.start)):
        if each.start < axis.last:
            by_whom.setdefault(each.of, []).append(each)
    lanes = [
        WeekLane(of, TOP + LANE * number, tuple(_blocks(found, axis)))
        for number, (of, found) in enumerate(by_whom.items())
    ]
    starts = tuple((axis.x(day), day) for day in days[:-1])
    return WeekStrip(TOP + LANE * len(lanes) + 6, starts, tuple(lanes), axis.x(now))


@dataclass(frozen=True, slots=True)
class _Axis:
    first: datetime
    last: datetime

    def x(self, moment: datetime) -> float:
        part = (moment - self.first) / (self.last - self.first)
        return round(LEFT + (100 - LEFT) * min(max(part, 0.0), 1.0), 2)


def _blocks(windows: Sequence[ComingWindow], axis: _Axis) -> Iterator[Block]:
    ends = [axis.x(each.start) for each in windows[1:]] + [100.0]
    for window, following in zip(windows, ends, strict=True):
        first, last = axis.x(window.start), axis.x(window.end)
        number = window.held + window.at_end
        at = round(last + 0.5, 2) if number and following - last >= NEAR else None
        yield Block(first, max(round(last - first, 2), 0.3), number, at)


def _midnight(now: datetime, zone: str | None, days: int) -> datetime:
    """Return when the reader's clock first showed the beginning of a day that is so many days from today."""
    where = zoneinfo.ZoneInfo(zone or "UTC")
    day = now.astimezone(where).date() + timedelta(days=days)
    return walltime.begins(datetime.combine(day, time()), where).astimezone(UTC)
