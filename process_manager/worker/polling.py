"""Polling for due processes: when to look, what to claim, and when to look again."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from process_manager import clock
from process_manager.lifecycle.claim import Claim
from process_manager.store import claiming, due
from process_manager.store.claiming import Lease
from process_manager.store.due import ClaimRequest
from process_manager.worker import recovery, upgrades
from process_manager.worker.careful_claims import CarefulClaims
from process_manager.worker.gatekeeper import Gatekeeper
from process_manager.worker.lane_sweep import LaneSweep
from process_manager.worker.plan import Plan
from process_manager.worker.prefetch import PrefetchLimit
from process_manager.worker.stats import RunStats

if TYPE_CHECKING:
    from process_manager.worker.pool_sweep import PoolSweep
    from process_manager.worker.pools import Pools

BREATH = 0.01  # seconds after which due processes that others hold are looked for again
LONGEST_BREATH = 0.2  # the same, once they have been held for long: each time it doubles
SPELL = 0.05  # seconds after a look that left nothing due until it is asked what comes next
MINUTE = 60.0  # seconds after which a worker that declares no limit looks for pools of an older program
ROUND = 1.0  # seconds after which due and expired processes are looked for, whatever happened


class Poller:
    """Takes what is due for one worker."""

    def __init__(self, plan: Plan, worker: str, gatekeeper: Gatekeeper, stats: RunStats, *, goes_on: bool) -> None:
        """With `goes_on`, the run is for what it holds alone, and goes on with that where it can."""
        self.at = 0.0  # when to look next, by the monotonic clock, which never stands still
        self.empty = False  # whether the last look found nothing due
        self.pools: Pools | None = None  # of steps that the fleet shares, where a class declares any
        if plan.registry.shared:
            from process_manager.worker.pools import Pools

            self.pools = Pools(plan.registry, goes_on=goes_on)
        self._plan = plan
        self._worker = worker
        self._gatekeeper = gatekeeper
        self._stats = stats
        self._sweep = LaneSweep()
        self._sweep_at = 0.0
        self._pool_sweep: PoolSweep | None = None
        self._pools_at = 0.0 if self.pools is not None else time.monotonic() + MINUTE  # from when to look for old ones
        self._more_is_due = False  # for all that the last look knows
        self._odd_is_of_pools = True  # whose the odd one of the free threads was last
        self._breath = BREATH
        self._claims = CarefulClaims()

    def lease(self) -> Lease:
        """Return the lease under which processes are claimed now."""
        now = clock.now()
        return Lease(self._worker, now, now + self._plan.settings.lease)

    def take(
        self, connection: sa.Connection, room: int, prefetch: PrefetchLimit, *, is_own: Callable[[Claim], bool]
    ) -> list[Claim]:
        """Claim at most `room` due processes; once a second, first make due what others left behind.

        What rests for a seat or a start of the fleet is claimed for free threads alone.
        """
        lease = self.lease()
        if time.monotonic() >= self._sweep_at:
            self._sweep_at = time.monotonic() + ROUND
            recovery.recover(connection, lease.now, is_own=is_own)
            self._sweep.go_on(connection, lease.now)
            self._sweep_pools(connection, lease.now)
        request = self._gatekeeper.claim_request(lease.now)
        pooled: list[Claim] = []
        if self.pools is not None:
            threads = room - prefetch.beyond_threads()
            pooled = self.pools.take(connection, request, lease, threads=self._share(threads))
            room = 0 if self.pools.wants_thread and threads < 1 else room - len(pooled)  # until threads are free
        claims = self._claim(connection, request, lease, room)
        self._stats.looks += 1
        self.empty, took_all = False, len(claims) == room
        self._more_is_due = took_all
        rest = 0.0 if took_all else SPELL if claims else self._rest(connection, request, lease.now)
        self.at = time.monotonic() + rest
        claims = upgrades.upgrade(connection, claims, self._plan.registry, lease.now)
        if self.pools is not None:
            claims = pooled + self._without_pooled(self.pools, connection, claims, lease.now)
        return claims

    def _claim(self, connection: sa.Connection, request: ClaimRequest, lease: Lease, room: int) -> list[Claim]:
        if self._claims.is_careful:
            return self._claims.claim_carefully(connection, request, lease, room)
        with self._claims:
            return claiming.claim_due(connection, request, lease, limit=room)

    def _share(self, threads: int) -> int:
        """Return how many of the free threads are for pools: every second one while more is due that needs no seat."""
        if threads < 1 or not self._more_is_due:
            return threads
        self._odd_is_of_pools = not self._odd_is_of_pools
        return (threads + self._odd_is_of_pools) // 2

    def _sweep_pools(self, connection: sa.Connection, now: datetime) -> None:
        """Make due what rests in pools that its class declares no more, if only since this deploy."""
        if self._pool_sweep is None and time.monotonic() >= self._pools_at:
            from process_manager.worker.pool_sweep import PoolSweep  # here: most runs without a limit end before that

            self._pool_sweep = PoolSweep(self._plan.registry)
        if self._pool_sweep is not None:
            self._pool_sweep.go_on(connection, now)

    def _without_pooled(
        self, pools: Pools, connection: sa.Connection, claims: list[Claim], now: datetime
    ) -> list[Claim]:
        """Return the claims that need no seat; the others come into their pools, which are looked at next."""
        free = pools.admit(connection, claims, None, now=now)
        rest = 0.0 if len(free) < len(claims) else BREATH if pools.wants_thread else pools.rest
        self.at = time.monotonic() + rest if pools.wants_thread else min(self.at, time.monotonic() + rest)
        self.empty = self.empty and pools.is_empty and rest > 0
        return free

    def _rest(self, connection: sa.Connection, request: ClaimRequest, now: datetime) -> float:
        """Return the seconds until something may be due, now that nothing could be claimed."""
        coming = due.next_due(connection, request)
        self.empty = coming is None or coming > now
        if self.empty and self._plan.until_empty and self._gatekeeper.finds_channels(connection):
            self.empty = False
            return 0.0
        if self.empty or coming is None:
            self._breath = BREATH
            return ROUND if coming is None else min(ROUND, max(BREATH, (coming - now).total_seconds()))
        rest, self._breath = self._breath, min(2 * self._breath, LONGEST_BREATH)
        return rest  # others hold what is due, and may not take it: it is asked for ever more seldom
