"""What a class may declare of its lanes: positions in place of the order of starts, and a pause between processes."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from process_manager.lifecycle.status import move
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, Seen, Transition

DIGITS: Final = 20
"""How many a position has at most; it is stored with as many, so that texts compare as the numbers do."""

OUTDATED: Final = "outdated"
"""The code of a process that is skipped: its position, or a later one, is handled."""

SUPERSEDED: Final = "superseded"
"""The code of one that is skipped before it began: a newer one waits behind it."""

BY: Final = "its lane"
"""Who skips them, as the history says it."""


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


def outdated(seen: Seen, position: str, handled: str, now: datetime) -> Transition:
    """Skip a process whose position, or a later one of its lane, is handled."""
    told = f"Outdated: position {shown(handled)} of its lane is handled, and this one has position {shown(position)}."
    return _skipped(seen, told, OUTDATED, now)


def superseded(seen: Seen, position: str, newer: tuple[int, str], now: datetime) -> Transition:
    """Skip a process that has not begun, because a newer one, given by id and position, waits in its lane."""
    told = f"Superseded: process {newer[0]} with position {shown(newer[1])} waits behind position {shown(position)}."
    return _skipped(seen, told, SUPERSEDED, now)


def _skipped(seen: Seen, message: str, code: str, now: datetime) -> Transition:
    before = seen.state
    state = ProcessState(move(before.status, "skip"), before.step, before.attempts, finished_at=now)
    entry = HistoryEntry(before.step, 0, "skip", message, now, now, code=code, by=BY)
    return Transition(seen.claim, state, (entry,), now, rested=before)
