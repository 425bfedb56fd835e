"""Running a step in the way of its effect: idempotent, once, transactional, or isolated."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

import sqlalchemy as sa

from process_manager import clock, logs
from process_manager.database import Database, error_codes
from process_manager.definition import markers
from process_manager.errors import ProcessManagerError
from process_manager.execution.call_step import ask_verify, run_step, verified
from process_manager.execution.completion import Answered, Completion, Died, GaveUp, NotStarted
from process_manager.execution.held_step import HeldStep
from process_manager.execution.hidden_values import hidden, hide
from process_manager.execution.isolated import IsolatedExecutor
from process_manager.execution.transactional import TransactionalExecutor
from process_manager.lifecycle import interruption, uncertainty
from process_manager.lifecycle.outcomes import Retry
from process_manager.lifecycle.transition import StepResult, Transition
from process_manager.store import recording

log = logs.get(__name__)
T = TypeVar("T")


class StepRunner(Protocol):
    """Where the author's code of a step runs: in the thread that performs it, or in a child."""

    def run(self, held: HeldStep) -> Transition | Completion:
        """Return what came of the step."""

    def ask(self, held: HeldStep, doubt: StepResult) -> Transition | Completion | None:
        """Ask whether it happened; None when it did not, so that it may run, else what came of it.

        `doubt` is what is known of its run.
        """


class InThread:
    """The thread that performs a step."""

    def run(self, held: HeldStep) -> Completion:
        """Return what came of the step."""
        return Answered(held, run_step(held))

    def ask(self, held: HeldStep, doubt: StepResult) -> Completion | None:
        """Ask its `verify`."""
        asked = ask_verify(held)
        return None if uncertainty.did_not_happen(asked) else Answered(held, verified(doubt, asked))


class Executor:
    """Performs steps in the threads of one worker."""

    def __init__(
        self,
        database: Database,
        *,
        decide: Callable[[HeldStep, StepResult], Transition],
        in_time: Callable[[], bool],
        isolated: IsolatedExecutor,
    ) -> None:
        self._database = database
        self._in_time = in_time
        self._here = InThread()
        self._isolated = isolated
        self._transactional = TransactionalExecutor(database, decide=decide)

    def perform(self, held: HeldStep) -> Transition | Completion:
        """Run the step in the way of its effect, and return what came of it."""
        if held.is_isolated:
            return self._perform_isolated(held)
        effect = held.planned.effect
        if effect == "idempotent":
            return Answered(held, run_step(held))
        return self._once(held, self._here) if effect == "once" else self._transactional.perform(held)

    def close(self) -> None:
        """Let no thread wait for the database any longer, and end every child."""
        self._transactional.close()
        self._isolated.close()

    def _perform_isolated(self, held: HeldStep) -> Transition | Completion:
        held.is_isolated = self._isolated.takes(held)
        if not held.is_isolated:
            return self.perform(held)
        return self._once(held, self._isolated) if held.planned.effect == "once" else self._isolated.run(held)

    def _once(self, held: HeldStep, place: StepRunner) -> Transition | Completion:
        if held.claim.doubtful_since is not None:
            now = clock.now()
            came = place.ask(held, StepResult(None, now, now))
            if came is not None:
                return came
        return _begun(held, place) if self._may_begin(held) else NotStarted(held)

    def _may_begin(self, held: HeldStep) -> bool:
        """Return whether it is marked that the step begins: from here on it may have happened."""
        now = clock.now()
        try:
            is_ours = self._database.run(lambda connection: recording.mark(connection, held.claim, now))
        except (sa.exc.SQLAlchemyError, ProcessManagerError) as problem:
            _not_begun(held, f"it could not be marked: {error_codes.message(problem)}")
            return False
        if not is_ours:
            _not_begun(held, "lease gone")
            return False
        if held.run.stop_requested or not self._in_time():
            return False  # what is given back now takes the mark away
        held.claim = held.claim._replace(doubtful_since=now)
        return True


def _begun(held: HeldStep, place: StepRunner) -> Transition | Completion:
    """Run a `once` step and return what came of it; ask its `verify` at once unless it returned an outcome."""
    came = place.run(held)
    if isinstance(came, Died):
        return _died(came, place)
    if isinstance(came, NotStarted):
        # It was not called: what is given back takes the mark away.
        held.claim = held.claim._replace(doubtful_since=None)
    if not isinstance(came, Answered) or came.result.returned:
        return came
    return place.ask(held, came.result) or Answered(held, came.result._replace(finished_at=clock.now()))


def _died(came: Died, place: StepRunner) -> Transition | Completion:
    """Return the crash, whatever `verify` says; it is recorded as a crash where the step did not happen."""
    held, alive = came.held, came.held.claim
    held.claim = alive._replace(crashes=alive.crashes + 1, own_crashes=alive.own_crashes + 1)
    outcome = Retry(interruption.death(came.how))
    asked = place.ask(held, StepResult(outcome, came.started_at, clock.now(), returned=False))
    if asked is not None:
        return asked
    held.claim = alive._replace(doubtful_since=None)
    return came


def _not_begun(held: HeldStep, reason: str) -> None:
    claim = held.claim
    log.warning("step.not_begun", process_id=claim.id, step=claim.step, fence=claim.fence, reason=reason)


def carry_out(
    held: HeldStep, *, refuses: Callable[[HeldStep], NotStarted | None], perform: Callable[[HeldStep], T]
) -> T | NotStarted | GaveUp:
    """Run a step in this thread unless it may not begin, and return what came of it."""
    came: T | NotStarted | GaveUp | None
    marks = held.process.marks
    try:
        came = refuses(held)
        if came is None:
            held.started = time.monotonic()
            came = perform(held) if marks is None else hide(held, marks, perform)
    except BaseException:
        with hidden(held.claim, marks or markers.NOTHING):
            log.exception("step.broken", process_id=held.claim.id, step=held.claim.step)
        came = GaveUp(held)
    held.answered = held.started is not None
    return came
