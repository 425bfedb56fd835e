"""Numbers of the last hours as a small picture: a bar an hour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

WIDTH: Final = 104.0
HEIGHT: Final = 21.0
_GAP: Final = 1.2
_LEAST: Final = 1.0
"""The height of a bar for nothing, so that the hour is seen."""


class SparkBar(NamedTuple):
    """A bar, in the units of the picture."""

    x: float
    y: float
    width: float
    height: float
    is_hot: bool


def bars(hours: Sequence[int], *, hot: bool = False) -> list[SparkBar]:
    """Return the bars of some hours, the last of which is now.

    Args:
        hours: The number of each hour.
        hot: Whether every bar that is not zero is marked; else the last one is.
    """
    most, apart = max((*hours, 1)), WIDTH / max(len(hours), 1)
    found = []
    for number, count in enumerate(hours):
        height = round(max((HEIGHT - _LEAST) * count / most, _LEAST), 1)
        is_hot = bool(count) and (hot or number == len(hours) - 1)
        bar = SparkBar(round(apart * number, 1), round(HEIGHT - height, 1), round(apart - _GAP, 1), height, is_hot)
        found.append(bar)
    return found
