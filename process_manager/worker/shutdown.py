"""How a run of a worker ends: when it starts nothing more, how long it waits, and what it gives back or leaves."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import Database
from process_manager.database.short_lock_wait import limited_lock_waits
from process_manager.errors import ProcessManagerError, Unwritable
from process_manager.execution.held_step import HeldStep
from process_manager.worker import runtime
from process_manager.worker.claims import Claims
from process_manager.worker.mailbox import Mailbox
from process_manager.worker.plan import Plan
from process_manager.worker.thread_pool import ThreadPool

log = logs.get(__name__)

MOMENT: Final = 1.0
"""Seconds for which the database is waited for when it would hear nothing new."""

NEAR: Final = 5.0
"""Seconds for which it is waited for after a time box, when answers are to be written, or for one that is refused."""

CHILD_ENDS: Final = 10.0
"""Seconds, at most, until the end of a killed child is reported."""

SHOWN: Final = 20
"""Ids that one line of the log names."""


class Shutdown:
    """When one run of a worker starts nothing more, which steps it still waits for, and which it leaves."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._grace = plan.settings.grace.total_seconds()
        self._asked_at: float | None = None  # all of these by the monotonic clock, which nobody sets
        self._told = False  # whether it was asked for on this host
        self._forced = False
        self._closes_at: float | None = None
        self._cut_at: float | None = None  # since when children are killed
        self._left: set[HeldStep] = set()  # not waited for any more, though their steps run

    def ask(self) -> None:
        """Stop within the grace period; asked a second time, stop at once. Safe in a signal handler."""
        if self._told:
            self._forced = True
        self._told = True
        self.ask_from_afar()

    def ask_from_afar(self) -> None:
        """Stop within the grace period, however often somebody asks through the database."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()

    def open_time_box(self) -> None:
        """Let the time box of the plan, if it has one, begin now."""
        if self._plan.time_box is not None:
            self._closes_at = time.monotonic() + self._plan.time_box.total_seconds()

    @property
    def is_asked(self) -> bool:
        """Whether somebody asked for it, and not just the time box closed."""
        return self._asked_at is not None

    @property
    def is_forced(self) -> bool:
        """Whether it was asked for twice on this host."""
        return self._forced

    def is_closed(self) -> bool:
        """Return whether no step may start any more."""
        if self._asked_at is not None:
            return True
        return self._closes_at is not None and time.monotonic() >= self._closes_at

    def is_given_up(self, held: HeldStep) -> bool:
        """Return whether a step had its time to stop, and nothing it answers is waited for or can be recorded."""
        return held in self._left or runtime.is_out_of_patience(held, self._plan.settings)

    def gives_up(self, held: HeldStep) -> bool:
        """Return whether the step's child, if it has one, is to be killed."""
        return self._is_over_grace() or self.is_given_up(held)

    def drain(self, claims: Claims, pool: ThreadPool) -> None:
        """Give back what no thread has begun, when none may begin it or others would get to it sooner."""
        if self.is_closed():
            claims.give_back(pool.take_back(len(claims.held)), interrupted=False)
            self._hurry(claims)
            self._leave_kept_out(claims)
        elif claims.is_stuck() and pool.waiting():
            claims.give_back(pool.take_back(len(claims.held)), interrupted=False)

    def leave_unwritable(self, claims: Claims) -> None:
        """Wait no longer for answers that cannot be stored: for a run that ends by itself."""
        if not claims.held_back.is_empty:
            self._leave(claims, unwritable(claims))

    def is_hopeless(self, claims: Claims, *, in_time: bool, seconds: float) -> bool:
        """Return whether a run that ends waits for the database no longer: what is held stays under its lease.

        Args:
            claims: what the run holds, and what it has to write.
            in_time: whether its leases hold for certain.
            seconds: for how long the database has failed.
        """
        most = self._grace if self.is_asked else NEAR
        return self._is_over_grace() or seconds > patience(claims, in_time=in_time, most=most)

    def _hurry(self, claims: Claims) -> None:
        """Tell running steps of a stop; after the grace period their answers are not waited for.

        What may be repeated is given back; the rest stays under its lease until that ends, for it may still happen.
        """
        if self._asked_at is None:
            return  # the time box closed: what runs may finish
        running = [held for held in claims.held.values() if held.started is not None and not held.answered]
        for held in running:
            held.run.stop_requested = True
        late = [held for held in running if held not in self._left and not self._is_being_ended(held)]
        if late and self._is_over_grace():
            self._left.update(late)
            log.warning("steps.left", count=len(late))
            claims.give_back([held for held in late if held.planned.effect == "idempotent"], interrupted=True)

    def _leave_kept_out(self, claims: Claims) -> None:
        """Wait not too long for answers that another's transaction keeps out: they stay under their leases."""
        grace = math.inf if self.is_asked else self._grace
        self._leave(claims, claims.kept_out(longer_than=0.0 if self._is_over_grace() else grace))

    def _leave(self, claims: Claims, steps: list[HeldStep]) -> None:
        if late := [held for held in steps if held not in self._left]:
            self._left.update(late)
            claims.stats.kept_out += len(late)
            log.warning("answers.left", count=len(late), process_ids=[held.claim.id for held in late][:SHOWN])

    def _is_being_ended(self, held: HeldStep) -> bool:
        """Return whether its child is being killed now: what became of it is told at once."""
        if not (held.is_isolated and self._is_over_grace()):
            return False
        self._cut_at = self._cut_at or time.monotonic()
        return time.monotonic() - self._cut_at < CHILD_ENDS

    def _is_over_grace(self) -> bool:
        if self._asked_at is None:
            return False
        return self._forced or time.monotonic() - self._asked_at > self._grace


def patience(claims: Claims, *, in_time: bool, most: float) -> float:
    """Return for how many seconds the database may fail before a run ends without it; `most` to lose no answer."""
    if in_time and any(held.started is not None and not held.answered for held in claims.held.values()):
        return math.inf  # what runs may finish, and its answer find the database back
    return most if claims.owes() else MOMENT


def unwritable(claims: Claims) -> list[HeldStep]:
    """Return the steps whose answers could not be stored for a while: a run that ends by itself leaves them."""
    refused = {transition.claim.id for transition, _problem in claims.held_back.refused()}
    return [held for held in claims.kept_out(longer_than=NEAR) if held.claim.id in refused]


def require_written(claims: Claims) -> None:
    """Raise Unwritable when an answer is left that cannot be stored: the run did not end well."""
    for transition, problem in claims.held_back.refused():
        raise Unwritable(process_id=transition.claim.id, problem=problem)


def leave(claims: Claims) -> None:
    """Give nothing back: no answer of a step is lost with it, and leases end by themselves."""
    log.warning("leases.left", count=len(claims.held))
    claims.stats.left = True
    claims.forget()


def give_back(database: Database, claims: Claims, pool: ThreadPool, mailbox: Mailbox[Any]) -> None:
    """Write what can still be written when the loop broke; steps that run keep their lease until it ends."""
    unbegun = pool.take_back(len(claims.held))  # first: while it is there, threads go on with it
    while came := mailbox.drain():
        claims.accept(came)
    claims.give_back(unbegun, interrupted=False)
    with (
        suppress(sa.exc.SQLAlchemyError, ProcessManagerError),
        database.connect() as opened,
        limited_lock_waits(opened) as connection,
    ):
        claims.write(connection, claim=False)
        claims.give_back(claims.take_ready(), interrupted=False)  # what went on to a next step, which nobody begins
        claims.write(connection, claim=False)


def see_out(
    claims: Claims, pool: ThreadPool, mailbox: Mailbox[Any], *, seconds: float, is_forced: Callable[[], bool]
) -> None:
    """Let running steps end, for so long, when the database file is gone, and log which answers are lost."""
    pool.take_back(len(claims.held))
    begun = [held for held in claims.held.values() if held.started is not None]
    for held in begun:
        held.run.stop_requested = True
    ends = time.monotonic() + seconds
    while not is_forced() and not all(held.answered for held in begun) and (left := ends - time.monotonic()) > 0:
        mailbox.wait(left, slice_seconds=MOMENT, until=lambda: True)
    for held in begun:
        claim = held.claim
        log.error(
            "answer.lost", process_id=claim.id, step=claim.step, effect=held.planned.effect, answered=held.answered
        )
    claims.forget()
