"""What starts by the clock in the next days as a picture: a lane for each schedule, a column a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from process_manager import inspection
from process_manager.gates.quiet import Quiet
from process_manager.inspection import ScheduleView
from process_manager.web.day_axis import DayAxis, day_axis

DAYS: Final = 14
LEFT: Final = 16.0
"""Percent that the names take."""
LANE: Final = 26
TOP: Final = 24
MOST_LANES: Final = 8
MOST_STARTS: Final = 400
"""So many are looked at; one that starts more often goes on to the end of the picture."""
TOGETHER: Final = 0.45
"""Percent within which two starts are not told apart."""


@dataclass(frozen=True, slots=True)
class ScheduleLane:
    """The starts of a schedule, and the quiet windows of its process: where each lies, in percent.

    Attributes:
        name: The schedule.
        y: Where the lane begins.
        dots: Its starts.
        bars: From when to when it starts too often to be told apart: each begin and width.
        quiet: Its quiet windows: each begin and width.
    """

    name: str
    y: int
    dots: tuple[float, ...]
    bars: tuple[tuple[float, float], ...]
    quiet: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class ScheduleStrip:
    """The next days, beginning with today."""

    height: int
    days: tuple[tuple[float, datetime], ...]
    lanes: tuple[ScheduleLane, ...]
    now: float


def schedule_strip(
    views: Sequence[ScheduleView], quiet: Mapping[str, Quiet], *, now: datetime, zone: str | None
) -> ScheduleStrip:
    """Return what starts in the next days as a picture.

    Args:
        views: The schedules; of more than eight the first.
        quiet: The quiet windows of each process.
        now: The present moment.
        zone: The zone of the reader's clock.
    """
    axis = day_axis(now, zone, days=DAYS, left=LEFT)
    shown = [each for each in views if each.next_at is not None and each.paused_at is None][:MOST_LANES]
    lanes = [_lane(view, TOP + LANE * at, quiet[view.process], axis, now) for at, view in enumerate(shown)]
    return ScheduleStrip(TOP + LANE * len(lanes) + 6, axis.starts, tuple(lanes), axis.x(now))


def _lane(view: ScheduleView, y: int, quiet: Quiet, axis: DayAxis, now: datetime) -> ScheduleLane:
    runs = list(_runs(view, axis, now))
    blocks = (_stretch(axis.x(each.start), axis.x(each.end)) for each in quiet.coming(axis.first, days=DAYS))
    dots = tuple(first for first, last in runs if first == last)
    bars = tuple(_stretch(first, last) for first, last in runs if first != last)
    return ScheduleLane(view.name, y, dots, bars, tuple(blocks))


def _runs(view: ScheduleView, axis: DayAxis, now: datetime) -> Iterator[tuple[float, float]]:
    """Yield where it starts first and last, for each row of starts that are not told apart."""
    found = inspection.coming_moments(view, now=now, count=MOST_STARTS)
    places = [axis.x(each) for each in found if each < axis.last]
    if len(places) == MOST_STARTS:
        places[-1] = 100.0
    first = 0
    for at, place in enumerate(places):
        following = places[at + 1] if at + 1 < len(places) else None
        if following is None or (following - place > TOGETHER and following != 100.0):
            yield places[first], place
            first = at + 1


def _stretch(first: float, last: float) -> tuple[float, float]:
    return first, max(round(last - first, 2), 0.3)
