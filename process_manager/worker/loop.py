"""The loop of a worker: run what is claimed, record what came of it and claim more, until it is to end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Final

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import Database
from process_manager.database.clock_sync import ClockSync
from process_manager.database.short_lock_wait import limited_lock_waits
from process_manager.errors import DatabaseReplaced, Unreadable
from process_manager.execution.shared_state import SharedState
from process_manager.lifecycle.evidence import Evidence
from process_manager.worker import heartbeat, runtime, shutdown
from process_manager.worker.backoff import Backoff
from process_manager.worker.claims import Claims
from process_manager.worker.heartbeat import Heartbeat
from process_manager.worker.idle import FEW, Idle, Message
from process_manager.worker.lease_holder import LeaseHolder
from process_manager.worker.listener import Listener
from process_manager.worker.lock_waiter import LockWaiter
from process_manager.worker.mailbox import Mailbox
from process_manager.worker.plan import Plan
from process_manager.worker.prefetch import MOST_RECORDED
from process_manager.worker.runtime import Runtime
from process_manager.worker.schedule_thread import ScheduleThread
from process_manager.worker.shutdown import Shutdown
from process_manager.worker.stats import RunStats
from process_manager.worker.thread_pool import ThreadPool

log = logs.get(__name__)

PAUSE: Final = 0.5
"""Seconds after which a worker turns round whatever happens."""


class Worker:
    """One run of a worker: this thread claims and records, a pool of threads runs steps, another renews the leases."""

    def __init__(self, database: Database, plan: Plan) -> None:
        self.name = runtime.a_name()
        self._database = database
        self._plan = plan
        self._mailbox: Mailbox[Message] = Mailbox(
            most=MOST_RECORDED,
            counts=lambda message: not isinstance(message, Evidence),  # which is folded, however much there is
        )
        self._ends_by_itself = plan.until_empty or plan.only is not None
        self._shutdown = Shutdown(plan)
        self._in_time: Callable[[], bool] = lambda: True  # whether leases can be kept, so that a step may start
        self._backoff = Backoff()
        self._shared = SharedState(is_ours=logs.configured() is not None)

    def stop(self) -> None:
        """Drain: start nothing more, end within the grace period. Safe in a signal handler; a second call forces."""
        self._shutdown.ask()
        self._mailbox.wake()

    def _drain(self) -> None:
        """End as somebody asked through the database: start nothing more, end within the grace period."""
        if not self._shutdown.is_asked:
            log.info("worker.drained", worker=self.name, grace=self._plan.settings.grace.total_seconds())
        self._shutdown.ask_from_afar()
        self._mailbox.wake()

    def run(self) -> RunStats:
        """Work until the time box closes, nothing is due (if so planned), or `stop`; whatever is held is given back.

        Returns:
            What the run did: step runs by outcome, processes by status.

        Raises:
            DatabaseUnreachable: The database cannot be used at the start or at the end.
        """
        self._shutdown.open_time_box()
        with ClockSync(self._database, self._plan.settings) as clock_sync:
            return self._run(clock_sync)

    def _run(self, clock_sync: ClockSync) -> RunStats:
        settings, known = self._plan.settings, self._heartbeat()
        waits = LockWaiter(self._database, post=self._mailbox.put).wait_for
        listener = Listener(self._database, self._mailbox.wake)
        ending = self._shutdown
        holder = LeaseHolder(self.name, self._mailbox.put, ending.is_closed, ending.gives_up, waits, listener.give_way)
        engine = Runtime(self._database, self._plan, holder, duties=(known.beat, clock_sync.beat))
        claims, self._in_time = engine.claims, engine.renewer.is_in_time
        pool = ThreadPool(settings.concurrency, post=self._mailbox.put, run=engine.run_and_decide)
        log.info("worker.started", worker=self.name, concurrency=settings.concurrency)
        try:
            with (
                self._database.connect() as opened,
                limited_lock_waits(opened) as connection,
                known,
                engine.open(),
                listener,
                self._schedules(),
                self._database.watch(connection) as watch,
            ):
                self._loop(connection, claims, pool, Idle(self._mailbox, watch, listener.heard))
                shutdown.require_written(claims)
                if not claims.stats.left:
                    self._conclude(claims, engine)
        except BaseException as problem:
            if isinstance(problem, DatabaseReplaced):
                grace = settings.grace.total_seconds()
                shutdown.see_out(claims, pool, self._mailbox, seconds=grace, is_forced=lambda: ending.is_forced)
            shutdown.give_back(self._database, claims, pool, self._mailbox)
            raise
        finally:
            pool.dismiss()
            engine.close()
        log.info("worker.ended", worker=self.name, steps=claims.stats.outcomes.total(), **claims.stats.statuses)
        return claims.stats

    def _heartbeat(self) -> Heartbeat:
        plan = self._plan
        worker = heartbeat.this(
            self.name, concurrency=plan.settings.concurrency, channels=plan.channels, knows=plan.registry.runnable()
        )
        return Heartbeat(self._database, worker, every=plan.settings.lease / 3, drain=self._drain)

    def _schedules(self) -> AbstractContextManager[object]:
        """Return what starts processes by the clock; a run of one process alone starts no other."""
        plan = self._plan
        return nullcontext() if plan.only else ScheduleThread(self._database, plan.registry, plan.settings)

    def _conclude(self, claims: Claims, engine: Runtime) -> None:
        """Say whether all gates were closed; raise what kept the database from ever telling what is due."""
        is_idle = not (claims.stats.outcomes or self._shutdown.is_asked) and self._plan.only is None
        claims.stats.closed = is_idle and self._database.run(engine.gatekeeper.holds_all)
        if self._backoff.latest is not None and claims.stats.looks == 0 and self._plan.only is None:
            raise self._backoff.latest

    def _loop(self, connection: sa.Connection, claims: Claims, pool: ThreadPool, idle: Idle) -> None:
        if self._plan.only is not None:
            claims.take_one(self._database, self._plan.only)
        while True:
            self._start_steps(claims, pool)
            if self._has_ended(claims):
                return
            self._collect_results(connection, claims, pool, idle)
            self._record_and_claim(connection, claims)

    def _start_steps(self, claims: Claims, pool: ThreadPool) -> None:
        for held in claims.take_ready():
            pool.submit(held)

    def _has_ended(self, claims: Claims) -> bool:
        if claims.stats.left:
            return True
        if claims.has_news() or not all(self._shutdown.is_given_up(held) for held in claims.held.values()):
            return False
        if self._shutdown.is_closed() or self._plan.only is not None:
            return True
        return self._plan.until_empty and claims.empty

    def _collect_results(self, connection: sa.Connection, claims: Claims, pool: ThreadPool, idle: Idle) -> None:
        """Wait for what the threads say, or until it is time to look for due processes or to see how things stand."""
        watches = self._may_claim() and self._backoff.rest() <= 0
        came = idle.wait(self._rest(claims), watches=watches, is_holding=bool(claims.held))
        if came:
            came += idle.gather(FEW - len(came), while_=pool.waiting)
            if not all(isinstance(each, Evidence) for each in came):  # what a step says is not its end
                self._shared.look(claims.held.values())
        claims.accept(came)
        if idle.has_changed(came=bool(came)):
            self._look_again(connection, claims)
        self._shutdown.drain(claims, pool)

    def _rest(self, claims: Claims) -> float:
        """Return the seconds until there is something to do, unless a message comes: nowhere else is it decided."""
        if (rest := self._backoff.rest()) > 0:
            return min(rest, PAUSE)
        if claims.has_news():
            return 0.0
        return min(PAUSE, claims.seconds_to_rest(claims=self._may_claim()))

    def _may_claim(self) -> bool:
        """Return whether more may be taken: what is due makes nobody turn round who would not take it."""
        return self._plan.only is None and not self._shutdown.is_closed() and self._in_time()

    def _look_again(self, connection: sa.Connection, claims: Claims) -> None:
        """Look at once for due processes, and drop those that were abandoned while they waited for a thread."""
        claims.look_now()
        with suppress(sa.exc.DBAPIError):  # the next transaction meets the same trouble, and waits
            claims.drop_lost(connection)

    def _record_and_claim(self, connection: sa.Connection, claims: Claims) -> None:
        """In one transaction: record what came of steps, and claim as many more as there is room for."""
        claim = claims.may_look() and self._may_claim()
        if not (claim or claims.has_news()) or self._backoff.rest() > 0:
            return
        try:
            claims.write(connection, claim=claim)
            self._backoff.succeeded()
            if self._ends_by_itself:
                self._shutdown.leave_unwritable(claims)
        except (sa.exc.DBAPIError, Unreadable) as problem:
            claims.unconfirmed.may_exist()
            self._backoff.failed(problem)
            if self._shutdown.is_closed():
                self._end_without_database(claims, problem)

    def _end_without_database(self, claims: Claims, problem: Exception) -> None:
        """Raise it or leave all to its lease, once a run that ends need wait for the database no longer."""
        if not self._shutdown.is_hopeless(claims, in_time=self._in_time(), seconds=self._backoff.lasts()):
            return
        if not self._shutdown.is_asked or claims.owes():
            raise problem
        shutdown.leave(claims)
