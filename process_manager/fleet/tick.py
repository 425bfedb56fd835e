"""The tick: takes over what dead workers left, and marks what Celery's workers are sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest

import sqlalchemy as sa

from process_manager import clock, logs
from process_manager.database import Database
from process_manager.fleet.options import FleetOptions
from process_manager.lifecycle.pool import pool
from process_manager.store import limits, sent, workers
from process_manager.store.due import ClaimRequest
from process_manager.store.sent import SentMark
from process_manager.store.workers import Registered
from process_manager.worker import recovery
from process_manager.worker.gatekeeper import Gatekeeper
from process_manager.worker.lane_sweep import LaneSweep
from process_manager.worker.plan import Plan
from process_manager.worker.pool_sweep import PoolSweep
from process_manager.worker.pools import Pools

log = logs.get(__name__)


class Ticker:
    """Looks for what is due. Two at once do no harm: what one has marked, the other does not send."""

    def __init__(self, database: Database, plan: Plan, *, compare_clocks: Callable[[], None] = lambda: None) -> None:
        """Prepare to look for what is due.

        Args:
            database: The engine's database.
            plan: The classes, the settings and the default policy.
            compare_clocks: Corrects the clock that is read, before each tick: by one that is ahead, leases of the whole
                fleet would be over.
        """
        self._database = database
        self._compare_clocks = compare_clocks
        self._plan = plan
        self._gatekeeper = Gatekeeper(database, plan.registry, plan.settings, ())
        self._sweep = LaneSweep()
        self._pool_sweep = PoolSweep(plan.registry)
        self._pools = Pools(plan.registry, goes_on=False) if plan.registry.shared else None

    def tick(self, options: FleetOptions) -> list[SentMark]:
        """Mark what is to be sent now, commit that, and return it.

        Args:
            options: How much may be on its way.

        Returns:
            What to send, by channels; nothing when another tick was quicker.
        """
        self._compare_clocks()
        self._gatekeeper.look()
        while self._database.run(self._take_over) == recovery.MOST:
            pass
        self._database.run(self._make_due)
        try:
            return self._database.run(lambda connection: self._mark(connection, options))
        except sa.exc.IntegrityError:
            log.info("fleet.two_ticks", sends="the other one")
            return []

    def take_back(self, unsent: Sequence[SentMark]) -> None:
        """Delete the marks of what could not be sent: the next tick finds it again."""
        if unsent:
            keys = [(each.process_id, each.fence) for each in unsent]
            self._database.run(lambda connection: sent.unmark(connection, keys))

    def _take_over(self, connection: sa.Connection) -> int:
        """Make due some of what dead workers left, and return its number; workers of our own do the same."""
        return recovery.recover(connection, clock.now(), is_own=lambda _claim: False)

    def _make_due(self, connection: sa.Connection) -> None:
        """Make due what lanes and pools have left behind; events have threads of the runners for that."""
        now = clock.now()
        self._sweep.go_on(connection, now)
        self._pool_sweep.go_on(connection, now)

    def _mark(self, connection: sa.Connection, options: FleetOptions) -> list[SentMark]:
        now = clock.now()
        known = sent.marks(connection)
        old = now - options.again
        gone = [(each.process_id, each.fence) for each in known if not each.is_due or each.sent_at <= old]
        if gone:
            sent.unmark(connection, gone)
        under_way = [each for each in known if each.is_due and each.sent_at > old]
        new = self._new(connection, under_way, options, now)
        if new:
            sent.mark(connection, new)
        return new

    def _new(
        self, connection: sa.Connection, under_way: Sequence[SentMark], options: FleetOptions, now: datetime
    ) -> list[SentMark]:
        request = self._gatekeeper.claim_request(now)
        taken = {(each.process_id, each.fence) for each in under_way}
        waiting = Counter(each.channel for each in under_way)
        alive = workers.living(connection, since=now - self._plan.settings.lease)
        found: list[SentMark] = []
        for channel in served(alive, {cls.channel for cls in self._plan.registry}):
            room = options.cap - waiting[channel]
            if room > 0 and (narrowed := of_channel(request, channel)) is not None:
                most = room + waiting[channel]
                due = sent.due_now(connection, narrowed, now=now, limit=most)
                seated = self._in_pools(connection, narrowed, now, limit=most)
                fresh = [pair for pair in in_turn(seated, due) if pair not in taken][:room]
                found += [SentMark(id_, fence, channel, now) for id_, fence in fresh]
        return found

    def _in_pools(
        self, connection: sa.Connection, request: ClaimRequest, now: datetime, *, limit: int
    ) -> list[tuple[int, int]]:
        """Return what rests for seats and starts of the fleet, as many as there seem to be left."""
        found: list[tuple[int, int]] = []
        for asked in self._pools.requests(request) if self._pools is not None else ():
            left = min(limit, limits.left(connection, pool(asked.pool or ""), now=now))
            found += sent.due_now(connection, asked, now=now, limit=left) if left > 0 else []
        return found


def in_turn(*lists: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the first of each, then the second of each: a long list keeps nothing of a short one back."""
    for row in zip_longest(*lists):
        yield from (each for each in row if each is not None)


def served(alive: Iterable[Registered], declared: Collection[str]) -> list[str]:
    """Return the channels that living workers of Celery take: to any other nobody would come for its messages."""
    found: set[str] = set()
    for worker in alive:
        if worker.is_of_celery and worker.drain_asked_at is None:
            found.update(worker.channels or declared)
    return sorted(found)


def of_channel(request: ClaimRequest, channel: str) -> ClaimRequest | None:
    """Return what may be sent of one channel; None when that is disabled."""
    if channel in request.excluded_channels or (request.channels and channel not in request.channels):
        return None
    return replace(request, channels=(channel,), excluded_channels=())
