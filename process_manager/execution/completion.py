"""What came of a step that a thread took: one of a closed set of values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from process_manager.execution.held_step import HeldStep
from process_manager.lifecycle.transition import StepResult, Transition


class Answered(NamedTuple):
    """A step has answered: mostly what comes, so it is the kind of value that costs least."""

    held: HeldStep
    result: StepResult


@dataclass(frozen=True, slots=True)
class NotStarted:
    """A step may not start now that a thread is free for it: given back, or put off until a moment."""

    held: HeldStep
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """An answer written down elsewhere, mostly in its step's transaction; not `kept`: its lease was gone."""

    transition: Transition
    kept: bool


@dataclass(frozen=True, slots=True)
class LockedOut:
    """An answer that was waited for in vain: another still holds what it needs to be written down."""

    transition: Transition


@dataclass(frozen=True, slots=True)
class Died:
    """The step ended the process that it was run in, and gave no answer."""

    held: HeldStep
    how: str  # in words, after "The step's own process"
    started_at: datetime


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Nobody waits for the step's answer any more: the process that it was run in was ended."""

    held: HeldStep


Completion = Answered | NotStarted | Recorded | LockedOut | Died | GaveUp
"""What comes of a step that a thread took, or of its answer that somebody waited for."""
