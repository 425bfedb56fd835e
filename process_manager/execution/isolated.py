"""Steps that run in a process of their own: because their author asked for it, or because they may have crashed one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from process_manager import clock, durations, logs
from process_manager.database import Database
from process_manager.definition.step_host import Host
from process_manager.execution.call_step import verified
from process_manager.execution.completion import Answered, Completion, Died, GaveUp, NotStarted, Recorded
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolation import importable
from process_manager.execution.isolation.child_host import LogSettings, handed
from process_manager.execution.isolation.pool import ChildPool
from process_manager.execution.isolation.results import Crashed, DidNotHappen, NotBegun, Overran
from process_manager.lifecycle.outcomes import Retry
from process_manager.lifecycle.retry import RetryPolicy
from process_manager.lifecycle.transition import StepResult, Transition, VerifyResult


class IsolatedExecutor:
    """Runs steps in the children of one worker, and says what came of them."""

    def __init__(self, children: ChildPool) -> None:
        self._children = children

    @classmethod
    def beside(
        cls,
        host: Host,
        database: Database,
        *,
        retry: RetryPolicy,
        gives_up: Callable[[HeldStep], bool],
        may_begin: Callable[[HeldStep], bool],
    ) -> IsolatedExecutor:
        """Make one whose children use the worker's database, log as the worker does, and decide as it would."""
        set_up = logs.configured()
        log_settings = None if set_up is None else LogSettings(*set_up)

        def first() -> dict[str, object]:
            place = (database.whole_url(), None if database.file is None else database.file.known())
            return handed(host, database=place, log_settings=log_settings, retry=retry)

        return cls(ChildPool(host.post, first=first, gives_up=gives_up, may_begin=may_begin))

    def takes(self, held: HeldStep) -> bool:
        """Return whether the step is to run in a child; a suspect that no child can import runs in a thread."""
        return held.planned.isolation is not None or importable.problem(held.process) is None

    def run(self, held: HeldStep) -> Transition | Completion:
        """Run the step in a child, and return what came of it."""
        began = clock.now()
        ending = self._children.run(held, time_limit=_limit(held))
        match ending:
            case Transition() | Answered() | Recorded() | NotStarted():
                return ending
            case Crashed(how):
                return Died(held, how, began)
            case Overran():
                outcome = Retry(f"The step was over its time limit of {_told_limit(held)}.")
                return Answered(held, StepResult(outcome, began, clock.now(), returned=False, got_through=False))
            case NotBegun(problem):  # as if it had answered so: it did nothing, whatever its effect
                return Answered(held, StepResult(Retry(problem), began, clock.now(), got_through=False))
        return GaveUp(held)

    def ask(self, held: HeldStep, doubt: StepResult) -> Transition | Completion | None:
        """Return what follows with what the step's `verify` says; None when it says that the step may run.

        It is the author's code as well, and may be what crashed.
        """
        if held.planned.verify is None:
            return Answered(held, verified(doubt, VerifyResult(exists=False)))
        began = clock.now()
        ending = self._children.ask(held, doubt, time_limit=_limit(held))
        match ending:
            case Transition():
                return ending
            case DidNotHappen():
                return None
            case Crashed(how):
                return Died(held, f"{how} while verify was asked", began)
            case Overran():
                problem = f"it was over the step's time limit of {_told_limit(held)}"
            case NotBegun():
                problem = ending.problem
            case _:
                return GaveUp(held)
        return Answered(held, verified(doubt, VerifyResult(problem=problem)))

    def close(self) -> None:
        """End every child."""
        self._children.close()


def _limit(held: HeldStep) -> timedelta | None:
    """Return when the child is killed; a step whose author did not ask for a child is only asked to stop."""
    return None if held.planned.isolation is None else held.planned.time_limit


def _told_limit(held: HeldStep) -> str:
    return durations.format(held.planned.time_limit or timedelta(0))
