"""What a run of steps needs, whoever runs them: a worker's pool of threads, or the caller of a direct call."""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from process_manager.database import Database
from process_manager.definition.step_host import Host
from process_manager.execution import executor
from process_manager.execution.completion import Answered, Completion
from process_manager.execution.executor import Executor
from process_manager.execution.held_step import HeldStep
from process_manager.execution.isolated import IsolatedExecutor
from process_manager.execution.step_answers import AnswersOnDemand
from process_manager.execution.step_children import ChildrenOnDemand
from process_manager.execution.step_events import EventsOnDemand
from process_manager.execution.step_files import FilesOnDemand
from process_manager.execution.step_log import STEP_LOG
from process_manager.lifecycle.transition import Transition
from process_manager.settings import Settings
from process_manager.store import queries
from process_manager.worker.admission import Admission
from process_manager.worker.claims import Claims
from process_manager.worker.event_sweep import EventSweep
from process_manager.worker.gatekeeper import Gatekeeper
from process_manager.worker.join_sweep import JoinSweep
from process_manager.worker.lease_holder import LeaseHolder
from process_manager.worker.leases import LeaseRenewer
from process_manager.worker.periodic import PeriodicTask
from process_manager.worker.plan import Plan
from process_manager.worker.task_sweep import TaskSweep


class Runtime:
    """What is claimed, the renewer of its leases, the gatekeeper, and the executors of steps."""

    def __init__(
        self, database: Database, plan: Plan, holder: LeaseHolder, *, duties: Sequence[Callable[[], None]] = ()
    ) -> None:
        """`duties` are done at every beat of the lease renewer, too."""
        settings = plan.settings
        with database.read() as connection:
            installation = queries.installation_id(connection)
        on_demand = FilesOnDemand(database, settings), EventsOnDemand(database), ChildrenOnDemand(database)
        host = Host(database, settings, installation, holder.put, *on_demand, AnswersOnDemand(database))
        self.gatekeeper = Gatekeeper(database, plan.registry, settings, plan.channels)
        self.claims = Claims(plan, holder, self.gatekeeper, host)
        self.renewer = LeaseRenewer(database, self.claims.held, duties, lease=settings.lease)
        sweeps = EventSweep(database, settings.event_keep).look, JoinSweep(database).look, TaskSweep(database).look
        self._rounds = PeriodicTask(self.gatekeeper.look, *sweeps, lease=settings.lease)
        self.renewer.cut_off = self._rounds.cut_off = holder.gives_way
        self._is_closed = holder.is_closed
        isolated = IsolatedExecutor.beside(
            host, database, retry=plan.retry, gives_up=holder.gives_up, may_begin=self._may_begin
        )
        self._executor = Executor(
            database, decide=self.claims.decide, in_time=self.renewer.is_in_time, isolated=isolated
        )
        self._admission = Admission(database, self.gatekeeper, self.claims.held, is_over=self._is_over)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Renew the leases and watch the gates for the length of the block; the gates are read before it begins."""
        self.gatekeeper.look()
        with STEP_LOG, self.renewer, self._rounds:
            yield

    def run(self, held: HeldStep) -> Transition | Completion:
        """Run the step in this thread, and return what came of it, or why it may not begin."""
        return executor.carry_out(held, refuses=self._admission, perform=self._executor.perform)

    def run_and_decide(self, held: HeldStep) -> Transition | Completion:
        """Run the step as `run` does, and decide here, too, what follows: the recording thread has less to do."""
        return executor.carry_out(held, refuses=self._admission, perform=self._perform_and_decide)

    def _perform_and_decide(self, held: HeldStep) -> Transition | Completion:
        came = self._executor.perform(held)
        return self.claims.decide(held, came.result) if isinstance(came, Answered) else came

    def close(self) -> None:
        """Let no thread wait for the database any longer, and end every child."""
        self._executor.close()

    def _is_over(self) -> bool:
        return self._is_closed() or not self.renewer.is_in_time()

    def _may_begin(self, held: HeldStep) -> bool:
        """Return whether its lease holds for certain, now that its child is ready."""
        return held.lost is None and self.renewer.is_in_time()


def a_name() -> str:
    """Return a name for a holder of leases: its host, its process id, and characters that no other has."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:6]}"


def is_out_of_patience(held: HeldStep, settings: Settings) -> bool:
    """Return whether its lease has been gone for the whole grace period, so that its answer is not waited for."""
    return held.lost is not None and time.monotonic() - held.lost >= settings.grace.total_seconds()
