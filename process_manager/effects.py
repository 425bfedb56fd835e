"""How a step is run by its effect: what is written before it begins, and who is asked when it did not answer."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from process_manager import clock, doubt, logs
from process_manager.database import Database
from process_manager.errors import ProcessManagerError
from process_manager.position import Attempt, Ran
from process_manager.running import Answered, Came, Job, NotStarted, ask_verify, run_step
from process_manager.store import recording
from process_manager.transaction import Together

log = logs.get(__name__)


class Effects:
    """Performs jobs in the threads of one worker."""

    def __init__(
        self, database: Database, *, decide: Callable[[Job, Ran], Attempt], in_time: Callable[[], bool]
    ) -> None:
        self._database = database
        self._in_time = in_time
        self._together = Together(database, decide=decide)

    def perform(self, job: Job) -> Came:
        """What came of the job's step."""
        effect = job.planned.effect
        if effect == "idempotent":
            return Answered(job, run_step(job))
        return self._once(job) if effect == "once" else self._together.perform(job)

    def close(self) -> None:
        """Let no thread wait for the database any longer."""
        self._together.close()

    def _once(self, job: Job) -> Came:
        if job.claim.doubtful_since is not None:
            asked_at = clock.now()
            asked = ask_verify(job)
            if not doubt.did_not_happen(asked):
                return Answered(job, Ran(None, asked_at, clock.now(), asked=asked))
        if not self._may_begin(job):
            return NotStarted(job)
        ran = run_step(job)
        if ran.returned:
            return Answered(job, ran)
        asked = ask_verify(job)
        return Answered(job, ran._replace(asked=asked, finished_at=clock.now()))

    def _may_begin(self, job: Job) -> bool:
        """Whether it is written that the step begins: from here on it may have happened, whatever becomes of us."""
        now = clock.now()
        try:
            is_ours = self._database.run(lambda connection: recording.mark(connection, job.claim, now))
        except (sa.exc.SQLAlchemyError, ProcessManagerError) as problem:
            _not_begun(job, f"it could not be marked: {problem}")
            return False
        if not is_ours:
            _not_begun(job, "lease gone")
            return False
        if job.run.stop_requested or not self._in_time():
            return False  # what is given back now takes the mark away
        job.claim = job.claim._replace(doubtful_since=now)
        return True


def _not_begun(job: Job, reason: str) -> None:
    claim = job.claim
    log.warning("step.not_begun", process_id=claim.id, step=claim.step, fence=claim.fence, reason=reason)
