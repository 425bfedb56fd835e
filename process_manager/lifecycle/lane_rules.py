"""What a class may declare of its lanes: positions in place of the order of starts, and a pause between processes."""

from __future__ import annotations

from typing import Final, NamedTuple

DIGITS: Final = 20
"""How many a position has at most; it is stored with as many, so that texts compare as the numbers do."""


class LaneRules(NamedTuple):
    """What a class declares of the lanes of its processes."""

    has_positions: bool = False
    skips_superseded: bool = False
    spacing_ms: int = 0


def stored(position: object) -> str | None:
    """Return a position as it is stored; None for what is none: a whole number from 0, also as a text of digits."""
    if isinstance(position, bool) or not isinstance(position, int | str):
        return None
    if isinstance(position, int):
        return _padded(str(position)) if 0 <= position < 10**DIGITS else None
    return _padded(position) if position.isascii() and position.isdecimal() else None


def _padded(digits: str) -> str | None:
    return digits.zfill(DIGITS) if len(digits) <= DIGITS else None


def shown(position: str) -> str:
    """Return a stored position as a person reads it."""
    return position.lstrip("0") or "0"
