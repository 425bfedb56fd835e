"""How a step in a child ends: with what it answered, or in one of these ways, which leave no answer."""

from __future__ import annotations

import signal
from typing import NamedTuple

from process_manager.lifecycle.transition import StepResult, Transition, VerifyResult


class Written(NamedTuple):
    """The step wrote down its own answer in its transaction."""

    attempt: Transition
    kept: bool  # not: its lease was gone, and all is undone


class Undone(NamedTuple):
    """Nothing is left of the step: taken back by a database in trouble, or not called, for its lease may be gone."""


class Crashed(NamedTuple):
    """The child ended while the step ran."""

    how: str  # in words, without a full stop
    output: str


class Overran(NamedTuple):
    """The step was over its time limit: its child was killed with all that it had started."""

    output: str


class GivenUp(NamedTuple):
    """The worker wanted the answer no more: the child was killed with all that it had started."""

    output: str


class NotBegun(NamedTuple):
    """The step was not called, and did nothing."""

    problem: str  # a sentence
    output: str


Answer = StepResult | VerifyResult | Written | Undone
Silence = Crashed | Overran | GivenUp | NotBegun
Ending = Answer | Silence


def told(code: int) -> str:
    """Return an exit code in words: "was ended by SIGSEGV (signal 11)", "ended with exit code 3"."""
    if code < 0:
        return f"was ended by {_signal(-code)}"
    return (
        f"ended with exit code {code if code < 2**16 else hex(code)}"  # what ends a process on Windows is read in hex
    )


def _signal(number: int) -> str:
    try:
        return f"{signal.Signals(number).name} (signal {number})"
    except ValueError:
        return f"signal {number}"
