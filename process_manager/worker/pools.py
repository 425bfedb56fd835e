"""The pools of one worker: what rests before steps that the fleet shares, taken as seats and starts become free."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from process_manager.definition.registry import Registry
from process_manager.errors import Refused
from process_manager.lifecycle import pool, pooling
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.pool import Pool
from process_manager.lifecycle.transition import Transition
from process_manager.store import due, limits
from process_manager.store.claiming import Lease
from process_manager.store.due import ClaimRequest
from process_manager.worker import recovery, upgrades
from process_manager.worker.careful_claims import CarefulClaims
from process_manager.worker.declared_limits import DeclaredLimits
from process_manager.worker.pool_sweep import kinds_of
from process_manager.worker.seats import Seats

SOON: Final = 0.2
"""Seconds after which a full pool is looked at again: another worker may have left a seat."""

BREATH: Final = 0.02
"""The same where somebody had locked its limit: the lock is held for one transaction."""

NEVER: Final = float("inf")


class Pools:
    """Takes from pools for one worker; made only where a class declares a limit or a rate."""

    def __init__(self, registry: Registry, *, goes_on: bool) -> None:
        """With `goes_on`, what comes into a pool here is taken at once if it can be: the run is for it alone."""
        self.rest = NEVER  # seconds after which to look again
        self.is_empty = True  # whether nothing rested there that will be taken by itself
        self.wants_thread = False  # whether more would be taken if more threads were free
        self.came: list[Transition] = []  # what came into a pool, and may go on at once
        self._registry = registry
        self._goes_on = goes_on
        self._claims = CarefulClaims()
        self._kinds = kinds_of(registry)
        self._declared = DeclaredLimits(registry)

    def take(self, connection: sa.Connection, request: ClaimRequest, lease: Lease, *, threads: int) -> list[Claim]:
        """Claim what has rested the longest, as far as there are seats, starts and free threads for it."""
        self.rest, self.is_empty, self.wants_thread = NEVER, True, False
        waiting = self._waiting(connection, request)
        if not waiting:
            return []
        seats = self._seats(connection, map(_pool, waiting), lease.now)
        claims: list[Claim] = []
        for asked in waiting:
            found = self._take_from(connection, asked, lease, seats, threads=threads - len(claims))
            claims += self.admit(connection, found, seats, now=lease.now)
        seats.write()
        for asked in waiting:
            self._look_ahead(seats, _pool(asked), lease.now)
        return claims

    def _waiting(self, connection: sa.Connection, request: ClaimRequest) -> list[ClaimRequest]:
        """Return the pools in which anything rests that may start now, that of the longest resting first."""
        firsts = [(due.next_due(connection, each), each) for each in self.requests(request)]
        found = [(first, each) for first, each in firsts if first is not None]
        return [each for _, each in sorted(found, key=lambda pair: pair[0])]

    def requests(self, request: ClaimRequest) -> Iterable[ClaimRequest]:
        """Yield what of a request may rest in each pool."""
        for key, kinds in self._kinds.items():
            ranges = tuple(each for each in request.ranges if (each.name, each.version) in kinds)
            if ranges:
                yield replace(request, ranges=ranges, pool=key)

    def _seats(self, connection: sa.Connection, pools: Iterable[Pool], now: datetime, *, waits: bool = False) -> Seats:
        """Return what is left of these, with its rows locked; without `waits`, only what nobody else has locked."""
        names = {name for each in pools for name in each.names}
        held = limits.hold(connection, names, waits=waits)
        changed = self._declared.compare(connection, held)
        held |= limits.hold(connection, changed, waits=True) if changed else {}  # as they are now: they are ours
        missing = self._declared.unseen(names - held.keys())
        if missing:
            self._declared.insert(connection, missing)
            held |= limits.hold(connection, missing, waits=waits)
        return Seats(connection, held, now)

    def _take_from(
        self, connection: sa.Connection, asked: ClaimRequest, lease: Lease, seats: Seats, *, threads: int
    ) -> list[Claim]:
        left = seats.left(_pool(asked))
        self.wants_thread |= left > max(threads, 0)  # there are fewer than none where more is held than they are
        room = min(left, threads)
        found = self._claims.claim(connection, asked, lease, room) if room > 0 else []
        return upgrades.upgrade(connection, found, self._registry, lease.now)

    def _look_ahead(self, seats: Seats, each: Pool, now: datetime) -> None:
        """Note when to look at a pool again in which something rested."""
        if any(shared.most == 0 for name, shared in seats.held.items() if name in each.names):
            self.rest = min(self.rest, SOON)
            return
        self.is_empty = False
        opens_at = seats.opens_at(each)
        rest = SOON if opens_at is None else min(SOON, max(BREATH, (opens_at - now).total_seconds()))
        self.rest = min(self.rest, rest if seats.held.keys() >= set(each.names) else BREATH)

    def admit(
        self, connection: sa.Connection, claims: Iterable[Claim], seats: Seats | None, *, now: datetime
    ) -> list[Claim]:
        """Return the claims that may start, each with its seat; the others go back to their pools, untold.

        Without `seats` that is whatever needs none: the rest came round by another way than its pool, and has its turn.
        """
        free, without = [], []
        for claim in claims:
            its_pool = self._pool_of(claim)
            if its_pool is None:
                free.append(claim)
            elif seats is not None and seats.left(its_pool) > 0:
                seats.take(claim, its_pool)
                free.append(claim)
            else:
                without.append(pooling.put_back(claim, now, its_pool))
        recovery.recorded(connection, without, recovery.tell_stuck)
        return free

    def _pool_of(self, claim: Claim) -> Pool | None:
        cls = self._registry.get(claim.name, claim.version)
        return None if cls is None else cls.pools.get(claim.step)

    def require(self, connection: sa.Connection, claims: Sequence[Claim], now: datetime) -> None:
        """Take a seat for each of these; raise Refused when there is none, so that nothing of it is committed."""
        for claim in claims:
            its_pool = self._pool_of(claim)
            if its_pool is None:
                continue
            seats = self._seats(connection, [its_pool], now, waits=True)
            if seats.left(its_pool) == 0:
                raise _no_seat(claim, its_pool, seats)
            seats.take(claim, its_pool)
            seats.write()

    def seated(self, connection: sa.Connection, claims: Sequence[Claim], now: datetime) -> list[Claim]:
        """Return those of the claims that need no seat or get one; the others go back to their pools, untold."""
        pools = [each for each in map(self._pool_of, claims) if each is not None]
        if not pools:
            return list(claims)
        seats = self._seats(connection, pools, now)
        free = self.admit(connection, claims, seats, now=now)
        seats.write()
        return free

    def concern(self, kept: Iterable[Transition]) -> bool:
        """Return whether one of these rests in a pool now, or has left a seat."""
        return any(each.state.pool is not None or self._pool_of(each.claim) is not None for each in kept)

    def remember(self, kept: Iterable[Transition]) -> None:
        """Remember what came into a pool by a transaction of its own, for a run that goes on with it."""
        self.came += [each for each in kept if self._goes_on and each.state.pool is not None]

    def go_on(self, connection: sa.Connection, kept: Iterable[Transition], lease: Lease) -> list[Claim]:
        """Claim what came into a pool just now, where the run is for it alone and there is a seat for it."""
        self.remember(kept)
        came = {each.claim.id: pool.pool(each.state.pool) for each in self.came if each.state.pool is not None}
        self.came = []
        return self.take_these(connection, came, lease) if came else []

    def take_these(self, connection: sa.Connection, resting: Mapping[int, Pool], lease: Lease) -> list[Claim]:
        """Claim these, of which the pools are known, as far as there are seats and starts for them."""
        seats = self._seats(connection, resting.values(), lease.now)
        ids = [process_id for process_id, each in resting.items() if seats.left(each) > 0]
        found = self._claims.claim_these(connection, ids, lease, in_pool=True)
        claims = self.admit(connection, found, seats, now=lease.now)
        seats.write()
        return claims


def _pool(asked: ClaimRequest) -> Pool:
    return pool.pool(asked.pool or "")


def _no_seat(claim: Claim, its_pool: Pool, seats: Seats) -> Refused:
    names = " and ".join(name for name in its_pool.names if name in seats.held)
    return Refused(
        process_id=claim.id,
        stands="cannot start now",
        problem=f"nothing is left of {names}, which the whole fleet shares",
        hint="`process-manager limit list` shows who has the seats. A worker takes it when its turn comes.",
    )
