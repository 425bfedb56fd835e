"""The quiet windows of a week as a picture: a lane for whom they hold, a column a day, in percent of its width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from process_manager.inspection import ComingWindow
from process_manager.web.day_axis import DayAxis, day_axis, midnight

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
    return midnight(now, zone)


def week_strip(windows: Iterable[ComingWindow], *, now: datetime, zone: str | None) -> WeekStrip:
    """Return a week of quiet windows as a picture.

    Args:
        windows: The windows, those of today that are over included.
        now: The present moment.
        zone: The zone of the reader's clock.
    """
    axis = day_axis(now, zone, days=DAYS, left=LEFT)
    by_whom: dict[str, list[ComingWindow]] = {}
    for each in sorted(windows, key=lambda window: (window.of, window.start)):
        if each.start < axis.last:
            by_whom.setdefault(each.of, []).append(each)
    lanes = [
        WeekLane(of, TOP + LANE * number, tuple(_blocks(found, axis)))
        for number, (of, found) in enumerate(by_whom.items())
    ]
    return WeekStrip(TOP + LANE * len(lanes) + 6, axis.starts, tuple(lanes), axis.x(now))


def _blocks(windows: Sequence[ComingWindow], axis: DayAxis) -> Iterator[Block]:
    ends = [axis.x(each.start) for each in windows[1:]] + [100.0]
    for window, following in zip(windows, ends, strict=True):
        first, last = axis.x(window.start), axis.x(window.end)
        number = window.held + window.at_end
        at = round(last + 0.5, 2) if number and following - last >= NEAR else None
        yield Block(first, max(round(last - first, 2), 0.3), number, at)
