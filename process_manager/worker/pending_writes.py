"""What is to be written next: transitions, and what steps said while they ran."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from process_manager import logs
from process_manager.database import error_codes
from process_manager.lifecycle import interruption
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.transition import Transition
from process_manager.log_throttle import RecurringProblem

log = logs.get(__name__)

PLAIN: Final = "but that could not be stored, nor what was wrong with it."
"""What can be stored whatever was wrong."""


class PendingWrites:
    """Filled as things happen, emptied by whoever wrote it down."""

    def __init__(self) -> None:
        self.transitions: list[Transition] = []
        self.said: list[Evidence] = []
        self._unwritable = RecurringProblem(log.error, "outcome.unwritable")

    def __bool__(self) -> bool:
        return bool(self.transitions or self.said)

    def owes(self) -> bool:
        """Return whether something is to be written that only this worker knows: what a step answered or said."""
        entries = (entry for transition in self.transitions for entry in transition.entries)
        return bool(self.said) or any(entry.outcome not in ("released", "lost") for entry in entries)

    def add(self, transitions: list[Transition], said: list[Evidence]) -> None:
        """Have these written, too."""
        self.transitions += transitions
        self.said += said

    def clear(self) -> None:
        """Forget everything: it is written, or never will be."""
        self.transitions, self.said = [], []

    def write_singly(self, write: Callable[[], None]) -> list[tuple[Transition, str]]:
        """Have `write` write each thing alone: what cannot be stored fails its own process and no other.

        Returns what cannot even be told of as failed, each with the reason.
        """
        transitions, said = deque(self.transitions), deque(self.said)
        self.clear()
        hopeless: list[tuple[Transition, str]] = []
        try:
            while said:
                self.said.append(said.popleft())
                self._write_evidence(write)
            while transitions:
                self.transitions.append(transition := transitions.popleft())
                hopeless += self._write_transition(transition, write)
        except Exception:
            self.transitions += [transition for transition, _problem in hopeless]
            raise
        finally:
            self.said += said
            self.transitions += transitions
        return hopeless

    def _write_evidence(self, write: Callable[[], None]) -> None:
        if (problem := _refusal(write)) is not None:
            log.error("evidence.refused", process_id=self.said[0].process_id, problem=error_codes.message(problem))
            self.said = []

    def _write_transition(self, transition: Transition, write: Callable[[], None]) -> list[tuple[Transition, str]]:
        """Return the transition with what is wrong, when neither it nor its failure could be written."""
        if (problem := _refusal(write)) is None:
            return []
        others = [each for each in self.transitions if each is not transition]  # what the last write gave back
        for why in (f"but that could not be stored: {error_codes.message(problem)}", PLAIN):
            self.transitions = [*others, _stopped(transition, why)]
            if (worse := _refusal(write)) is None:
                return []
            problem = worse
        self._unwritable.failed(error_codes.message(problem), about=transition.claim.id, process_id=transition.claim.id)
        self.transitions = others
        return [(transition, error_codes.message(problem))]


def _stopped(transition: Transition, why: str) -> Transition:
    answered = transition.entries[-1].outcome if transition.entries else "nothing"
    return interruption.stopped(transition.claim, transition.at, message=f"The step answered {answered}, {why}")


def _refusal(write: Callable[[], None]) -> Exception | None:
    """Return why the write was refused; None when it succeeded. Raise what any other write would meet as well."""
    try:
        write()
    except Exception as problem:
        if error_codes.concerns_any_row(problem):
            raise
        return problem
    return None
