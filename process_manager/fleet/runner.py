"""Runs one message after the other: claims what it names, and runs that until it rests."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from process_manager import clock, logs
from process_manager.database import Database, error_codes
from process_manager.direct.own_thread import OwnThread
from process_manager.fleet.options import AGAIN, BOX, SOON
from process_manager.lifecycle.claim import Claim
from process_manager.log_throttle import RecurringProblem
from process_manager.store import sent
from process_manager.store.claiming import Lease
from process_manager.store.workers import Registered
from process_manager.worker import upgrades
from process_manager.worker.backoff import Backoff
from process_manager.worker.heartbeat import Heartbeat
from process_manager.worker.plan import Plan

log = logs.get(__name__)

NOTHING: Final = "nothing: it was claimed already, or is not due"
ELSEWHERE: Final = "nothing: it cannot start here now, and is sent again"

_not_here: Final = RecurringProblem(log.info, "fleet.not_here")


class NotHere(Exception):  # noqa: N818 - nothing is wrong
    """A process cannot start here now: its code is not known, a gate is closed, or no seat is left."""


class NotKnown(NotHere):
    """Its code is not known here: it is not sent again at once, or each tick would send it to this worker."""


class Runner:
    """To all others a worker that runs one step at a time: a process of Celery's pool, or a thread of it."""

    def __init__(
        self,
        database: Database,
        plan: Plan,
        worker: Registered,
        *,
        ends: Callable[[], bool],
        drain: Callable[[], None],
    ) -> None:
        """Prepare to run messages; the `with` block opens it.

        Args:
            database: The engine's database.
            plan: The classes, the settings and the default policy.
            worker: Its row, as the others will see it.
            ends: Whether the worker of Celery ends, so that no step may start.
            drain: Called when somebody asks this worker to end.
        """
        self._database = database
        self._plan = plan
        self._ends = ends
        self._closes_at = 0.0  # by the monotonic clock
        self._heartbeat = Heartbeat(database, worker, every=plan.settings.lease / 3, drain=drain)
        duties = (self._heartbeat.beat, self._hurry)
        self._thread = OwnThread(database, plan, worker.name, is_closed=self._is_closed, duties=duties)

    def __enter__(self) -> Runner:
        with ExitStack() as opened:
            opened.enter_context(self._heartbeat)
            opened.enter_context(self._thread)
            self._heartbeat.beat()
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._opened.close()

    @property
    def is_spent(self) -> bool:
        """Whether something is under its name that it does not hold any more: it is to be closed."""
        return self._thread.is_spent

    def run(self, process_id: int, fence: int, *, again: timedelta = AGAIN) -> str:
        """Run the process that a message names, until it rests or the time is over.

        Args:
            process_id: The process.
            fence: Its fence when it was sent: under another it was claimed since, and is left alone.
            again: After how long it is sent once more if nobody claims it.

        Returns:
            What came of it, for the log.
        """
        self._closes_at = time.monotonic() + BOX
        try:
            with self._thread.working():
                claims = self._claim(process_id, fence)
                self._thread.run(claims)
        except NotHere as reason:
            _not_here.failed(str(reason), about=str(reason), process_id=process_id)
            self._send_again(process_id, fence, again - SOON if isinstance(reason, NotKnown) else None)
            return ELSEWHERE
        rested = self._thread.rested
        if not claims:
            return NOTHING
        return "on its way" if rested is None else str(rested.state.status)

    def _send_again(self, process_id: int, fence: int, age: timedelta | None) -> None:
        """Have the next tick send it again, or with an age one some seconds later: that is how old its mark becomes."""
        if age is None:
            self._database.run(lambda connection: sent.unmark(connection, [(process_id, fence)]))
        else:
            sent_at = clock.now() - age
            self._database.run(lambda connection: sent.age(connection, process_id, fence, sent_at=sent_at))

    def _is_closed(self) -> bool:
        return time.monotonic() >= self._closes_at or self._ends()

    def _hurry(self) -> None:
        """Tell the step that runs of the end of the worker."""
        if self._ends():
            for held in tuple(self._thread.claims.held.values()):
                held.run.stop_requested = True

    def _claim(self, process_id: int, fence: int) -> list[Claim]:
        """Claim it; while the database is away, wait for it, but no longer than a task may take."""
        backoff = Backoff()
        while True:
            try:
                return self._thread.within(lambda connection: self._claimed(connection, process_id, fence))
            except sa.exc.DBAPIError as problem:
                if self._is_closed() or not error_codes.is_transient(problem):
                    raise
                backoff.failed(problem)
                time.sleep(max(0.0, backoff.rest()))

    def _claimed(self, connection: sa.Connection, process_id: int, fence: int) -> list[Claim]:
        now = clock.now()
        lease = Lease(self._thread.name, now, now + self._plan.settings.lease)
        claim = sent.claim(connection, process_id, fence, lease)
        if claim is None:
            return self._from_pool(connection, process_id, fence, lease)
        self._require_open(claim)
        claims, pools = upgrades.upgrade(connection, [claim], self._plan.registry, now), self._thread.claims.pools
        return claims if pools is None else pools.seated(connection, claims, now)

    def _from_pool(self, connection: sa.Connection, process_id: int, fence: int, lease: Lease) -> list[Claim]:
        """Claim it where it rests for a seat or a start of the fleet; raise NotHere when there is none left."""
        if (pools := self._thread.claims.pools) is None:
            return []
        from process_manager.store import limits

        its_pool = limits.pool_of(connection, process_id, fence)
        if its_pool is None:
            return []
        claims = pools.take_these(connection, {process_id: its_pool}, lease)
        if not claims:
            raise NotHere(f"nothing is left of {' and '.join(its_pool.names)}, which the fleet shares")
        for claim in claims:
            self._require_open(claim)
        return claims

    def _require_open(self, claim: Claim) -> None:
        """Raise NotHere, which takes the claim back, when its code is not known here or a gate is closed."""
        if not self._is_known(claim):
            raise NotKnown(f"version {claim.version} of {claim.name!r} with step {claim.step!r} is not known here")
        if (closed := self._thread.gatekeeper.closed(claim)) is not None:
            raise NotHere(closed.reason())

    def _is_known(self, claim: Claim) -> bool:
        registry = self._plan.registry
        is_of_older = bool(registry.hops(claim.name, claim.version))
        return is_of_older or registry.step(claim.name, claim.version, claim.step) is not None
