"""What is recorded of a process that its lane skips: it is outdated, or a newer one waits behind it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from process_manager.lifecycle.lane_rules import shown
from process_manager.lifecycle.status import move
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, Seen, Transition

OUTDATED: Final = "outdated"
"""The code of a process that is skipped: its position, or a later one, is handled."""

SUPERSEDED: Final = "superseded"
"""The code of one that is skipped before it began: a newer one waits behind it."""

BY: Final = "its lane"
"""Who skips them, as the history says it."""


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
