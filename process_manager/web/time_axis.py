"""A round as a picture: a lane a step on one axis of time, in percent, so that no text is ever scaled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from process_manager.inspection import moments
from process_manager.inspection.rounds import Round
from process_manager.inspection.step_history import History
from process_manager.message import Message
from process_manager.store.filters import ERRORS

LEFT: Final = 15.0
"""Percent that the names of the steps take."""
WIDTH: Final = 81.0
APART: Final = 3.0
"""Percent that two numbers must be apart to be read."""
LANE: Final = 40
MOST_TICKS: Final = 7

_STEPS: Final = (1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 604800, 2592000)
"""Seconds between the lines of an axis."""

_KINDS: Final = {
    "done": "succeeded",
    "skip": "skipped",
    "reject": "rejected",
    "doubt": "uncertain",
    "started": "running",
}
"""The class of a run's bar by its outcome; what is tried again waits."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the axis."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A run: where it begins, how wide it is where that can be seen, and its number where there is room."""

    x: float
    width: float | None
    kind: str
    label: str
    is_last_straw: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """A step of a round."""

    name: str
    y: int
    first: float
    last: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A round on its axis."""

    height: int
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]


def picture(each: Round, names: Sequence[str], *, failed: bool, zone: str | None) -> Picture:
    """Return a round as a picture.

    Args:
        each: The round.
        names: The steps of the process in order; each lane has the number of its step.
        failed: Whether its last run was the last straw.
        zone: The zone of the axis.
    """
    axis = _Axis(each.first, each.last)
    lanes = [_lane(each, step, at, names, axis, failed=failed) for at, step in enumerate(each.steps)]
    return Picture(30 + LANE * len(lanes), tuple(_ticks(axis, zone)), tuple(lanes))


@dataclass(frozen=True, slots=True)
class _Axis:
    first: datetime
    last: datetime

    def x(self, moment: datetime) -> float:
        span = (self.last - self.first) / timedelta(seconds=1)
        part = (moment - self.first) / timedelta(seconds=1) / span if span else 0.0
        return round(LEFT + WIDTH * min(max(part, 0.0), 1.0), 2)


def _lane(  # noqa: PLR0913 - what one lane is drawn from
    each: Round, step: str, at: int, names: Sequence[str], axis: _Axis, *, failed: bool
) -> Lane:
    runs = each.runs_of(step)
    name = f"{names.index(step) + 1} {step}" if step in names else step
    bars, labelled = [], -APART
    for run in runs:
        last_straw = failed and run is each.runs[-1] and run.outcome in ERRORS
        bar = _bar(run, axis, last_straw=last_straw, is_numbered=len(runs) > 1)
        has_room = last_straw or bar.x - labelled >= APART
        labelled = bar.x if has_room else labelled
        bars.append(bar if has_room else Bar(bar.x, bar.width, bar.kind, "", is_last_straw=bar.is_last_straw))
    return Lane(name, 28 + LANE * at, bars[0].x, bars[-1].x, tuple(bars))


def _bar(run: History, axis: _Axis, *, last_straw: bool, is_numbered: bool) -> Bar:
    x, end = axis.x(run.started_at), axis.x(run.finished_at or axis.last)
    took = "" if run.finished_at is None else moments.lasting(run.finished_at - run.started_at)
    label = str(run.attempt) if is_numbered else took
    width = round(end - x, 2) if end - x > 1 else None
    return Bar(x, width, _KINDS.get(run.outcome, "waiting"), label, is_last_straw=last_straw)


def _ticks(axis: _Axis, zone: str | None) -> Iterator[Tick]:
    """Yield the lines of the axis at whole minutes, hours or days of the reader's clock."""
    span = (axis.last - axis.first).total_seconds()
    apart = next((step for step in _STEPS if span / step <= MOST_TICKS), _STEPS[-1])
    offset = (moments.local(axis.first, zone).utcoffset() or timedelta()).total_seconds()
    begun = axis.first.timestamp() + offset
    first = axis.first + timedelta(seconds=-begun % apart)
    for number in range(MOST_TICKS + 1):
        moment = first + timedelta(seconds=apart * number)
        if moment > axis.last or span == 0:
            return
        yield Tick(axis.x(moment), _told(moment, apart, zone))


def _told(moment: datetime, apart: int, zone: str | None) -> str:
    local = moments.local(moment, zone)
    if apart >= 86400:
        return Message("%(day)s %(month)s", day=local.day, month=moments.MONTHS[local.month - 1])
    return moments.to_the_second(moment, zone) if apart < 60 else moments.clock(moment, zone)
