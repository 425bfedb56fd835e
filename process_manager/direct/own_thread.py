"""Steps run in the thread that asks for them: each is recorded before the next begins, by the rules of a worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Final, TypeVar

import sqlalchemy as sa

from process_manager.database import Database, error_codes
from process_manager.database.clock_sync import ClockSync
from process_manager.direct.evidence_writer import EvidenceWriter
from process_manager.direct.keyboard_interrupt import KeyboardInterrupts
from process_manager.errors import FateUnknown, ProcessManagerError, UsageError
from process_manager.execution.held_step import HeldStep
from process_manager.execution.shared_state import SharedState
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.transition import Transition
from process_manager.worker import runtime
from process_manager.worker.backoff import Backoff
from process_manager.worker.claims import Claims
from process_manager.worker.gatekeeper import Gatekeeper
from process_manager.worker.lease_holder import LeaseHolder
from process_manager.worker.plan import Plan
from process_manager.worker.runtime import Runtime

T = TypeVar("T")

EVERY: Final = 1.0
"""Seconds between two looks, while steps run, at whether the database is still there."""


class OwnThread:
    """Holds what its owner starts or claims, and runs it in the owner's thread until it rests."""

    def __init__(
        self,
        database: Database,
        plan: Plan,
        name: str,
        *,
        is_closed: Callable[[], bool],
        duties: Sequence[Callable[[], None]] = (),
    ) -> None:
        """Prepare to run steps; the `with` block opens it.

        Args:
            database: The engine's database, with the schema of this version.
            plan: The classes, the settings and the default policy.
            name: The name under which processes are held.
            is_closed: Whether no step may start any more; a process that goes on is given back then.
            duties: What else is done at every beat of the lease renewer.
        """
        self.name = name
        self._database = database
        self._plan = plan
        self._is_closed = is_closed
        self._duties = duties
        self._writer = EvidenceWriter(database)
        self._interrupts = KeyboardInterrupts()
        self._backoff = Backoff()
        self._look_at = 0.0  # when it is seen to that the database is still there, by the monotonic clock
        self.is_spent = False  # whether something is still under its name that it does not hold any more

    def __enter__(self) -> OwnThread:
        with ExitStack() as opened:
            clock_sync = opened.enter_context(ClockSync(self._database, self._plan.settings))
            holder = LeaseHolder(self.name, self._writer.put, is_closed=self._is_closed, gives_up=self._gives_up)
            self._place = Runtime(self._database, self._plan, holder, duties=(clock_sync.beat, *self._duties))
            self.claims: Claims = self._place.claims  # what is held; kept here: each step asks for it several times
            opened.callback(self._place.close)
            self._connection = opened.enter_context(self._database.connect())
            opened.enter_context(self._place.open())
            opened.enter_context(self._writer)
            opened.enter_context(self._interrupts)
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._opened.close()

    @property
    def gatekeeper(self) -> Gatekeeper:
        """What may hold a start back."""
        return self._place.gatekeeper

    @property
    def rested(self) -> Transition | None:
        """What was recorded last of a process that is not held any more, since `working` began."""
        return self.claims.rested

    @contextmanager
    def working(self) -> Iterator[None]:
        """Hold Ctrl-C back while something is recorded; when the block raises, give back what is still held."""
        if not self._interrupts.is_idle:
            raise UsageError(problem="a step cannot call the Direct that runs it. Open another one, or use start.")
        with error_codes.explained(self._database.url), self._interrupts.held_back(), ExitStack() as unfinished:
            unfinished.callback(self._let_go)
            self.claims.rested = None
            yield
            unfinished.pop_all()

    def within(self, work: Callable[[sa.Connection], T], *, alone: bool = False) -> T:
        """Run `work` in a transaction that may claim something; what it did is looked for if nobody knows that."""
        self._look()
        try:
            return self._database.within(self._connection, work, alone=alone)
        except (FateUnknown, KeyboardInterrupt):
            self.claims.unconfirmed.may_exist()
            raise

    def read(self, work: Callable[[sa.Connection], T]) -> T:
        """Return what `work` reads, over the same connection."""
        with self._connection.begin():
            return work(self._connection)

    def run(self, claims: Sequence[Claim]) -> None:
        """Run these, one step after the other, until all of them rest."""
        self.claims.take_up(claims)
        self._write()
        shared, begun = SharedState(is_ours=False), list[HeldStep]()
        try:
            while held_steps := self.claims.take_ready():
                begun += held_steps
                for held in held_steps:
                    self._run_step(held)
        finally:
            shared.look(begun)

    def _run_step(self, held: HeldStep) -> None:
        came = self._interrupts.let_in(lambda: self._place.run(held))
        self.claims.accept([*self._writer.take_left(), came])
        self._write()
        self._interrupts.pass_on()

    def _look(self) -> None:
        self._look_at = time.monotonic() + EVERY
        self._database.require_same()

    def _write(self) -> None:
        """Write down what came of a step, however often it takes within the grace period."""
        while self.claims.has_news():
            if (rest := self._backoff.rest()) > 0:
                time.sleep(rest)
            if time.monotonic() >= self._look_at:
                self._look()
            try:
                self.claims.write(self._connection, claim=False)
                self._backoff.succeeded()
            except sa.exc.DBAPIError as problem:
                self._backoff.failed(problem)
                is_over = self._backoff.lasts() > self._plan.settings.grace.total_seconds()
                if is_over or not error_codes.is_transient(problem):
                    raise

    def _gives_up(self, held: HeldStep) -> bool:
        return runtime.is_out_of_patience(held, self._plan.settings)

    def _let_go(self) -> None:
        """Give back what is held, unless it is in doubt; what cannot be given back is not renewed any more."""
        self.claims.accept(self._writer.take_left())
        self._try_to_write()
        for held in tuple(self.claims.held.values()):
            self.claims.let_go(held)
        self._try_to_write()
        self.is_spent = self.claims.forget()

    def _try_to_write(self) -> None:
        with suppress(sa.exc.SQLAlchemyError, ProcessManagerError):
            if self.claims.has_news():
                self.claims.write(self._connection, claim=False)
