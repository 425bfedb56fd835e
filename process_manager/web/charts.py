"""Pictures of reports as numbers for SVG: across in percent, so that no text is drawn out, and down in pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

TOP: Final = 8
"""Where the ground of a picture begins."""

ROOM: Final = 14
"""What is left above the highest bar, for its number."""

WIDE: Final = 0.67
"""How much of its day a bar takes."""

LINES: Final = 87.0
"""How far lines go; what they are called stands behind."""

_STEPS: Final = (
    0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200,
    86400, 172800, 432000, 864000, 2592000,
)  # fmt: skip
"""Seconds between two lines of a grid."""


@dataclass(frozen=True, slots=True)
class DayBar:
    """The bar of a day, and its number where it is told."""

    x: float
    width: float
    y: float
    height: float
    middle: float
    number: int | None


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar for each day, over a base line; the days of weekends are shaded."""

    base: int
    bars: tuple[DayBar, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """The days below pictures: those that are shaded, and those that are named.

    Attributes:
        width: How wide a day is.
        shaded: Where those of weekends begin.
        named: Where some of them are named, how the text is set there, and which they are.
    """

    width: float
    shaded: tuple[float, ...]
    named: tuple[tuple[float, str, date], ...]


@dataclass(frozen=True, slots=True)
class DayLine:
    """A line from day to day: its pieces, and where it ends."""

    pieces: tuple[tuple[float, float, float, float], ...]
    end: float | None


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of durations over one base line, and the grid behind them."""

    base: int
    grid: tuple[tuple[float, timedelta], ...]
    lines: tuple[DayLine, ...]


def days(every: Sequence[date], width: float = 100.0) -> Days:
    """Return the days below pictures: of up to fifty the Mondays are named, of more the first of each month."""
    slot = width / len(every)
    is_named: Callable[[date], bool] = (
        (lambda day: day.weekday() == 0) if len(every) <= 50 else (lambda day: day.day == 1)
    )
    chosen = [at for at, day in enumerate(every) if is_named(day)] or [0]
    return Days(
        round(slot, 2),
        tuple(round(slot * at, 2) for at, day in enumerate(every) if day.weekday() >= 5),
        tuple(_named(at, slot, len(every), every[at]) for at in chosen),
    )


def _named(at: int, slot: float, number: int, day: date) -> tuple[float, str, date]:
    if at == number - 1 and number > 1:
        return round(slot * number, 2), "end", day
    return (round(slot * (at + 0.5), 2), "middle", day) if at else (0.0, "start", day)


def bars(numbers: Sequence[int], height: int, last: int | None) -> Bars:
    """Return the bars of these numbers; the largest is told, and that of the day that is last.

    Args:
        numbers: One for each day.
        height: The height of the ground, in pixels.
        last: The place of today; None where the days are past.
    """
    slot, most, base = 100 / len(numbers), max(numbers), TOP + height
    told = {at for at, number in enumerate(numbers) if number and at in (numbers.index(most), last)}
    return Bars(
        base,
        tuple(
            _bar(at, number, slot, base, (height - ROOM) / max(most, 1), told)
            for at, number in enumerate(numbers)
            if number
        ),
    )


def _bar(at: int, number: int, slot: float, base: int, scale: float, told: set[int]) -> DayBar:  # noqa: PLR0913, PLR0917 - what a bar is
    high = max(round(number * scale, 1), 1.5)
    x = slot * at + slot * (1 - WIDE) / 2
    middle = min(max(slot * (at + 0.5), 1.5), 98.5)
    return DayBar(
        round(x, 2),
        round(slot * WIDE, 2),
        round(base - high, 1),
        high,
        round(middle, 2),
        number if at in told else None,
    )


def lines(every: Sequence[Sequence[timedelta | None]], height: int) -> Lines:
    """Return lines from day to day, over one scale; a day of which nothing is known is passed over.

    Args:
        every: Of each line, what it shows of each day.
        height: The height of the ground, in pixels.
    """
    most = max((each.total_seconds() for line in every for each in line if each is not None), default=1.0)
    base, scale = TOP + height, (height - ROOM) / max(most, 0.001)
    step = next((each for each in _STEPS if most / each <= 4), _STEPS[-1])
    grid = tuple(
        (round(base - step * number * scale, 1), timedelta(seconds=step * number))
        for number in range(1, int(most / step) + 1)
    )
    return Lines(base, grid, tuple(_line(line, base, scale) for line in every))


def _line(found: Sequence[timedelta | None], base: int, scale: float) -> DayLine:
    slot = LINES / len(found)
    points = [
        (round(slot * (at + 0.5), 2), round(base - each.total_seconds() * scale, 1))
        for at, each in enumerate(found)
        if each is not None
    ]
    return DayLine(tuple((*first, *second) for first, second in pairwise(points)), points[-1][1] if points else None)
