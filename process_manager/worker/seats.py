"""Seats and starts of the fleet: whichever way a process is taken, this gives it what its step needs, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa

from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.pool import Pool
from process_manager.store import limits
from process_manager.store.limits import Shared


class Seats:
    """How many more may start now, of limits and rates that are locked until the transaction ends."""

    def __init__(self, connection: sa.Connection, held: Mapping[str, Shared], now: datetime) -> None:
        self.held = held
        self._connection = connection
        self._now = now
        self._claims: list[tuple[Claim, str]] = []
        self._started: dict[str, int] = {}
        self._left: dict[str, int] = {}
        self._count()

    def _count(self) -> None:
        of_seats = [name for name, shared in self.held.items() if shared.period is None]
        taken = limits.taken(self._connection, of_seats) if of_seats else []
        limits.remove(self._connection, [seat for seat in taken if not seat.is_held])
        for name, shared in self.held.items():
            if shared.period is None:
                self._left[name] = shared.most - sum(seat.is_held for seat in taken if seat.limit_name == name)
            else:
                self._left[name] = 0 if shared.pace is None else shared.pace.allowed(self._now)

    def left(self, pool: Pool) -> int:
        """Return how many of a pool may start now; none where a limit or rate of it is locked by another."""
        return max(0, min(self._left.get(name, 0) for name in pool.names))

    def take(self, claim: Claim, pool: Pool) -> None:
        """Note that this one starts."""
        for name in pool.names:
            self._left[name] -= 1
        if pool.limit is not None:
            self._claims.append((claim, pool.limit))
        if pool.rate is not None:
            self._started[pool.rate] = self._started.get(pool.rate, 0) + 1

    def write(self) -> None:
        """Write down what was taken; nobody else sees less of it than all."""
        limits.take(self._connection, self._claims, now=self._now)
        paces = {name: self.held[name].pace for name in self._started}
        moved = {name: pace.after(self._now, self._started[name]) for name, pace in paces.items() if pace is not None}
        limits.move_on(self._connection, moved)

    def opens_at(self, pool: Pool) -> datetime | None:
        """Return the moment at which a rate lets the next of a pool start; None where it is no rate that holds it."""
        shared = None if pool.rate is None else self.held.get(pool.rate)
        return None if shared is None or shared.pace is None else shared.pace.after(self._now, 0)
