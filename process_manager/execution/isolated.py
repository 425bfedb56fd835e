"""Steps that run in a process of their own: those whose author asks for it, and the suspects of a crash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from process_manager import clock, durations, logs
from process_manager.database import Database
from process_manager.definition.step_run import Host
from process_manager.execution.completion import Answered, Came, Cut, Died, NotStarted, Recorded
from process_manager.execution.held_step import Job
from process_manager.execution.isolation import importable
from process_manager.execution.isolation.child_host import LogSettings
from process_manager.execution.isolation.pool import Children
from process_manager.execution.isolation.results import Crashed, Ending, NotBegun, Overran, Undone, Written
from process_manager.lifecycle.outcomes import Retry
from process_manager.lifecycle.transition import Asked, Ran


class Apart:
    """Runs steps in the children of one worker, and says what came of them."""

    def __init__(self, children: Children) -> None:
        self._children = children

    @classmethod
    def beside(
        cls,
        host: Host,
        database: Database,
        *,
        gives_up: Callable[[Job], bool],
        may_begin: Callable[[Job], bool],
    ) -> Apart:
        """One whose children use the worker's database, and log as the worker does."""
        set_up = logs.in_force()
        log_settings = None if set_up is None else LogSettings(*set_up)
        children = Children(
            host,
            database=lambda: (database.whole_url(), None if database.file is None else database.file.known()),
            gives_up=gives_up,
            may_begin=may_begin,
            log_settings=log_settings,
        )
        return cls(children)

    def takes(self, job: Job) -> bool:
        """Whether the job's step is to run in a child; a suspect that no child can import runs in a thread."""
        return job.planned.isolation is not None or importable.problem(job.process) is None

    def run(self, job: Job) -> Came:
        """What came of the step."""
        began = clock.now()
        ending = self._children.run(job, time_limit=_limit(job))
        match ending:
            case Ran():
                return Answered(job, ending)
            case Written(attempt, kept):
                return Recorded(attempt, kept)
            case Undone():
                return NotStarted(job)
        return _unanswered(job, ending, began)

    def ask(self, job: Job) -> Asked | Died | Cut:
        """What the step's `verify` says: it is its author's as well, and may be what crashed."""
        if job.planned.verify is None:
            return Asked(exists=False)
        began = clock.now()
        ending = self._children.ask(job, time_limit=_limit(job))
        match ending:
            case Asked():
                return ending
            case Crashed(how):
                return Died(job, f"{how} while verify was asked", began)
            case Overran():
                return Asked(problem=f"it was over the step's time limit of {_told_limit(job)}")
            case NotBegun(problem):
                return Asked(problem=problem)
        return Cut(job)

    def close(self) -> None:
        """End every child."""
        self._children.close()


def _unanswered(job: Job, ending: Ending, began: datetime) -> Answered | Died | Cut:
    match ending:
        case Crashed(how):
            return Died(job, how, began)
        case Overran():
            outcome = Retry(f"The step was over its time limit of {_told_limit(job)}.")
            return Answered(job, Ran(outcome, began, clock.now(), returned=False, got_through=False))
        case NotBegun(problem):  # as if it had answered so: it did nothing, whatever its effect
            return Answered(job, Ran(Retry(problem), began, clock.now(), got_through=False))
    return Cut(job)


def _limit(job: Job) -> timedelta | None:
    """When its child is killed; a step whose author did not ask for a child is only asked to stop, as in a thread."""
    return None if job.planned.isolation is None else job.planned.time_limit


def _told_limit(job: Job) -> str:
    return durations.format(job.planned.time_limit or timedelta(0))
