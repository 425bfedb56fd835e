"""How a step in a child ends: with what it answered, or in one of these ways, which leave no answer."""

from __future__ import annotations

import signal
from typing import NamedTuple

from process_manager.execution.completion import Answered, NotStarted, Recorded
from process_manager.lifecycle.transition import Transition


class DidNotHappen(NamedTuple):
    """The step's `verify` said that the step may run."""


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


Answer = Transition | Answered | Recorded | NotStarted | DidNotHappen
"""What a child decided; a `once` step that raised is only `Answered`, for its `verify` is to be asked."""
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
