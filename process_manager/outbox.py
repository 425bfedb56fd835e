"""What is still to be written: answers, and what steps said while they ran."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import sqlalchemy as sa

from process_manager import interruption, logs
from process_manager.database import failures
from process_manager.lasting import Lasting
from process_manager.position import Attempt
from process_manager.steprun import Evidence

log = logs.get(__name__)


class Outbox:
    """Filled as things happen, emptied by whoever wrote it down."""

    def __init__(self) -> None:
        self.attempts: list[Attempt] = []
        self.said: list[Evidence] = []
        self._unwritable = Lasting(log.error, "outcome.unwritable")

    def __bool__(self) -> bool:
        return bool(self.attempts or self.said)

    def owes(self) -> bool:
        """Whether something is to be written that is known here alone: what a step answered or said."""
        entries = (entry for attempt in self.attempts for entry in attempt.entries)
        return bool(self.said) or any(entry.outcome not in ("released", "lost") for entry in entries)

    def add(self, attempts: list[Attempt], said: list[Evidence]) -> None:
        """These are to be written, too."""
        self.attempts += attempts
        self.said += said

    def clear(self) -> None:
        """Everything is written."""
        self.attempts, self.said = [], []

    def write_singly(self, write: Callable[[], None]) -> None:
        """Have `write` write each thing alone: what the database refuses fails its own process and no other.

        What cannot even be told of as failed stays, and its error passes once all the rest is written.
        """
        attempts, said = deque(self.attempts), deque(self.said)
        self.clear()
        hopeless: list[tuple[Attempt, sa.exc.DBAPIError]] = []
        try:
            while said:
                self.said.append(said.popleft())
                self._write_evidence(write)
            while attempts:
                self.attempts.append(attempt := attempts.popleft())
                hopeless += self._write_attempt(attempt, write)
        finally:
            self.said += said
            self.attempts += [*attempts, *(attempt for attempt, _problem in hopeless)]
        if hopeless:
            raise hopeless[0][1]

    def _write_evidence(self, write: Callable[[], None]) -> None:
        if (problem := _refusal(write)) is not None:
            log.error("evidence.refused", process_id=self.said[0].process_id, problem=failures.told(problem))
            self.said = []

    def _write_attempt(self, attempt: Attempt, write: Callable[[], None]) -> list[tuple[Attempt, sa.exc.DBAPIError]]:
        """The attempt with the error, when neither it nor its failure could be written."""
        if (problem := _refusal(write)) is None:
            return []
        others = [each for each in self.attempts if each is not attempt]  # what the last write gave back
        answered = attempt.entries[-1].outcome if attempt.entries else "nothing"
        message = f"The step answered {answered}, but that could not be stored: {failures.told(problem)}"
        self.attempts = [*others, interruption.stopped(attempt.claim, attempt.at, message=message)]
        if (worse := _refusal(write)) is None:
            return []
        self._unwritable.met(failures.told(worse), about=attempt.claim.id, process_id=attempt.claim.id)
        self.attempts = others
        return [(attempt, worse)]


def _refusal(write: Callable[[], None]) -> sa.exc.DBAPIError | None:
    """Why the database refused what was to be written; None when it is written. What may pass, passes on."""
    try:
        write()
    except sa.exc.DBAPIError as problem:
        if failures.is_passing(problem):
            raise
        return problem
    return None
