"""The loop: claim, run, record, until the time box closes or somebody asks it to stop."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import Database
from process_manager.database.clock_sync import ClockSync
from process_manager.database.short_lock_wait import hurried
from process_manager.errors import DatabaseReplaced, Unreadable
from process_manager.execution.completion import Completion
from process_manager.execution.held_step import HeldStep
from process_manager.execution.shared_state import SharedState
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.transition import Transition
from process_manager.worker import heartbeat, runtime, shutdown
from process_manager.worker.backoff import Backoff
from process_manager.worker.claims import Claims
from process_manager.worker.heartbeat import Heartbeat
from process_manager.worker.listener import Listener
from process_manager.worker.lock_waiter import LockWaiter
from process_manager.worker.mailbox import Mailbox
from process_manager.worker.plan import Plan
from process_manager.worker.prefetch import MOST_RECORDED
from process_manager.worker.runtime import LeaseHolder, Runtime
from process_manager.worker.stats import RunStats
from process_manager.worker.thread_pool import ThreadPool

if TYPE_CHECKING:
    from process_manager.database.sqlite_watch import FileWatch  # which loads the driver

log = logs.get(__name__)

GLANCE = 0.005  # seconds between two looks at whether another connection wrote
LIVELY = 1.0  # seconds without anything new after which it is asked more seldom: most of what idling costs is waking up
NAP = 0.2  # seconds after which an idle worker sees, at the latest, that it is to stop
SOON = 0.001  # seconds for which answers are gathered that are about to come, as a transaction takes as long
FEW = 50  # answers that are worth a transaction, whatever is about to come
PAUSE = 0.5  # seconds after which a worker turns round whatever happens
SHOWN = 20  # ids that a line of the log names
ENDING = 10.0  # seconds until a killed child is told of, at most


class Worker:
    """One run of a worker: one thread claims and records, the crew runs steps, the keeper keeps the leases."""

    def __init__(self, database: Database, plan: Plan) -> None:
        self.name = runtime.a_name()
        self._database = database
        self._plan = plan
        self._mailbox: Mailbox[Transition | Completion | Evidence] = Mailbox(
            most=MOST_RECORDED,
            counts=lambda message: not isinstance(message, Evidence),  # which is folded, however much there is
        )
        self._ends_by_itself = plan.until_empty or plan.only is not None
        self._stopping: float | None = None  # since when, by the monotonic clock
        self._forced = False
        self._cut_at: float | None = None  # since when children are killed, by the same clock
        self._closes_at: float | None = None  # by the monotonic clock: nobody sets it
        self._left: set[HeldStep] = set()  # not waited for any more, though their steps run
        self._in_time: Callable[[], bool] = lambda: True  # whether leases can be kept, so that a step may start
        self._backoff = Backoff()
        self._stirred = 0.0  # when something last happened, by the monotonic clock
        self._watch: FileWatch | None = None  # what is asked where nobody tells
        self._changed = False  # whether another program wrote since this was last dealt with
        self._shared = SharedState(is_ours=logs.in_force() is not None)

    def stop(self) -> None:
        """Drain: start nothing more, end within the grace period. Safe in a signal handler; a second call forces."""
        if self._stopping is None:
            self._stopping = time.monotonic()
        else:
            self._forced = True
        self._mailbox.wake()

    def run(self) -> RunStats:
        """Work until the time box closes, nothing is due (if so planned), or `stop`; whatever is held is given back.

        Returns:
            What the run did: step runs by outcome, processes by status.

        Raises:
            DatabaseUnreachable: The database cannot be used at the start or at the end.
        """
        if self._plan.time_box is not None:
            self._closes_at = time.monotonic() + self._plan.time_box.total_seconds()
        with ClockSync(self._database, self._plan.settings) as clock_sync:
            return self._run(clock_sync)

    def _run(self, clock_sync: ClockSync) -> RunStats:
        settings, known = self._plan.settings, self._presence()
        waits = LockWaiter(self._database, post=self._mailbox.put).wait_for
        listener = Listener(self._database, self._mailbox.wake)
        holder = LeaseHolder(self.name, self._mailbox.put, self._is_closed, self._gives_up, waits, listener.give_way)
        place = Runtime(self._database, self._plan, holder, duties=(known.beat, clock_sync.beat))
        claims, self._in_time = place.claims, place.renewer.is_in_time
        pool = ThreadPool(settings.concurrency, post=self._mailbox.put, run=place.run_and_decide)
        log.info("worker.started", worker=self.name, concurrency=settings.concurrency)
        try:
            with (
                self._database.connect() as opened,
                hurried(opened) as connection,
                known,
                place.open(),
                listener,
                self._database.watch(connection) as self._watch,
            ):
                changed = listener.heard if self._watch is None else self._watch.changed
                self._loop(connection, claims, pool, changed)
                shutdown.require_written(claims)
                if not claims.stats.left:
                    idle = not (claims.stats.outcomes or self._stopping) and self._plan.only is None
                    claims.stats.closed = idle and self._database.run(place.gatekeeper.holds_all)
                    self._raise_if_blind(claims)
        except BaseException as problem:
            if isinstance(problem, DatabaseReplaced):
                grace = settings.grace.total_seconds()
                shutdown.see_out(claims, pool, self._mailbox, seconds=grace, is_forced=lambda: self._forced)
            shutdown.give_back(self._database, claims, pool, self._mailbox)
            raise
        finally:
            pool.dismiss()
            place.close()
        log.info("worker.ended", worker=self.name, steps=claims.stats.outcomes.total(), **claims.stats.statuses)
        return claims.stats

    def _presence(self) -> Heartbeat:
        plan = self._plan
        worker = heartbeat.this(
            self.name, concurrency=plan.settings.concurrency, channels=plan.channels, knows=plan.registry.runnable()
        )
        return Heartbeat(self._database, worker, every=plan.settings.lease / 3)

    def _raise_if_blind(self, claims: Claims) -> None:
        """A run in which the database never once answered did not find that nothing was due."""
        if self._backoff.latest is not None and claims.stats.looks == 0 and self._plan.only is None:
            raise self._backoff.latest

    def _is_closed(self) -> bool:
        """Whether no step may start any more."""
        if self._stopping is not None:
            return True
        return self._closes_at is not None and time.monotonic() >= self._closes_at

    def _loop(self, connection: sa.Connection, claims: Claims, pool: ThreadPool, changed: Callable[[], bool]) -> None:
        if self._plan.only is not None:
            claims.take_one(self._database, self._plan.only)
        while True:
            for held in claims.take_ready():
                pool.submit(held)
            if self._has_ended(claims):
                return
            came = self._wait(claims)
            if came:
                came += self._mailbox.gather(SOON, most=FEW - len(came), while_=pool.waiting)
                self._shared.look(claims.held.values())
            claims.accept(came)
            stirred = self._changed or changed()
            if stirred:
                self._changed = False
                self._look_again(connection, claims)
            if stirred or came:
                self._stirred = time.monotonic()
            self._take_back(claims, pool)
            self._write(connection, claims)

    def _look_again(self, connection: sa.Connection, claims: Claims) -> None:
        """Another program wrote: something may be due, and what waits for a thread may have been abandoned."""
        claims.look_now()
        with suppress(sa.exc.DBAPIError):  # the next transaction meets the same trouble, and waits
            claims.drop_lost(connection)

    def _has_ended(self, claims: Claims) -> bool:
        if claims.stats.left:
            return True
        if claims.has_news() or not all(self._is_given_up(held) for held in claims.held.values()):
            return False
        if self._is_closed() or self._plan.only is not None:
            return True
        return self._plan.until_empty and claims.empty

    def _is_given_up(self, held: HeldStep) -> bool:
        """Whether it had its time to stop, and nothing it answers is waited for or can be recorded."""
        return held in self._left or runtime.is_out_of_patience(held, self._plan.settings)

    def _gives_up(self, held: HeldStep) -> bool:
        """Whether the job's child, if it has one, is to be killed."""
        return self._is_over_grace() or self._is_given_up(held)

    def _wait(self, claims: Claims) -> list[Transition | Completion | Evidence]:
        """What came in; nothing, when it is time to look for due processes or to see how things stand."""
        seconds, watch = self._rest(claims), self._watch
        if seconds <= 0:
            return self._mailbox.drain()
        if watch is None or not self._may_claim() or self._backoff.rest() > 0:
            return self._mailbox.wait(seconds, slice_seconds=seconds, until=lambda: False)
        is_lively = time.monotonic() - self._stirred < LIVELY
        if not (is_lively or claims.held):
            return self._doze(watch, seconds)
        glance = GLANCE if is_lively else watch.seldom
        return self._mailbox.wait(seconds, slice_seconds=glance, until=lambda: self._has_changed(watch))

    def _rest(self, claims: Claims) -> float:
        """Seconds until there is something that may be done, unless something comes in: nowhere else is it decided."""
        if (rest := self._backoff.rest()) > 0:
            return min(rest, PAUSE)
        if claims.has_news():
            return 0.0
        return min(PAUSE, claims.seconds_to_rest(claims=self._may_claim()))

    def _may_claim(self) -> bool:
        """Whether more may be taken at all: what is due makes nobody turn round who would not take it."""
        return self._plan.only is None and not self._is_closed() and self._in_time()

    def _doze(self, watch: FileWatch, seconds: float) -> list[Transition | Completion | Evidence]:
        """The same while nothing is held: only other programs have something to say, or whoever stops this one."""
        ends = time.monotonic() + seconds
        while self._mailbox.is_empty() and (left := ends - time.monotonic()) > 0:
            if watch.doze(min(left, NAP)):
                self._stirred = time.monotonic()
                break
        return self._mailbox.drain()

    def _has_changed(self, watch: FileWatch) -> bool:
        self._changed = self._changed or watch.changed()
        return self._changed

    def _write(self, connection: sa.Connection, claims: Claims) -> None:
        claim = claims.may_look() and self._may_claim()
        if not (claim or claims.has_news()) or self._backoff.rest() > 0:
            return
        try:
            claims.write(connection, claim=claim)
            self._backoff.passed()
            if self._ends_by_itself and not claims.held_back.is_empty:
                self._leave_these(claims, shutdown.unwritable(claims))
        except (sa.exc.DBAPIError, Unreadable) as problem:
            claims.unconfirmed.may_exist()
            self._backoff.met(problem)
            if self._is_closed() and self._is_hopeless(claims):
                if self._stopping is None or claims.owes():
                    raise
                shutdown.leave(claims)

    def _is_hopeless(self, claims: Claims) -> bool:
        """Whether one that ends waits for the database no longer: what is held stays under its lease."""
        most = shutdown.NEAR if self._stopping is None else self._plan.settings.grace.total_seconds()
        patience = shutdown.patience(claims, in_time=self._in_time(), most=most)
        return self._is_over_grace() or self._backoff.lasts() > patience

    def _take_back(self, claims: Claims, pool: ThreadPool) -> None:
        """Give back what no thread has begun, when none may begin it or others would get to it sooner."""
        if self._is_closed():
            claims.give_back(pool.take_back(len(claims.held)), interrupted=False)
            self._hurry(claims)
            self._leave(claims)
        elif claims.is_stuck() and pool.waiting():
            claims.give_back(pool.take_back(len(claims.held)), interrupted=False)

    def _hurry(self, claims: Claims) -> None:
        """Tell running steps of a stop; after the grace period give back what may be repeated, and wait for none."""
        if self._stopping is None:
            return  # the time box closed: what runs may finish
        running = [held for held in claims.held.values() if held.started is not None and not held.answered]
        for held in running:
            held.run.stop_requested = True
        late = [held for held in running if held not in self._left and not self._is_being_ended(held)]
        if late and self._is_over_grace():
            self._left.update(late)
            log.warning("steps.left", count=len(late))
            claims.give_back([held for held in late if held.planned.effect == "idempotent"], interrupted=True)

    def _leave(self, claims: Claims) -> None:
        """Answers that another's transaction keeps out are not waited for too long: they stay under their leases."""
        grace = math.inf if self._stopping is not None else self._plan.settings.grace.total_seconds()
        self._leave_these(claims, claims.kept_out(longer_than=0.0 if self._is_over_grace() else grace))

    def _leave_these(self, claims: Claims, held_steps: list[HeldStep]) -> None:
        if late := [held for held in held_steps if held not in self._left]:
            self._left.update(late)
            claims.stats.kept_out += len(late)
            log.warning("answers.left", count=len(late), process_ids=[held.claim.id for held in late][:SHOWN])

    def _is_being_ended(self, held: HeldStep) -> bool:
        """Whether its child is being killed now: what became of it is told at once."""
        if not (held.is_isolated and self._is_over_grace()):
            return False
        self._cut_at = self._cut_at or time.monotonic()
        return time.monotonic() - self._cut_at < ENDING

    def _is_over_grace(self) -> bool:
        grace = self._plan.settings.grace.total_seconds()
        return self._stopping is not None and (self._forced or time.monotonic() - self._stopping > grace)
