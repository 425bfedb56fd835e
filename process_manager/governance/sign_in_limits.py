"""How many sign-ins may fail from one address and for one name before others wait: counted for all web servers alike.

The stretches are those of the library `limits`; what it counts is kept in the engine's database.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa
from limits import RateLimitItem, RateLimitItemPerDay, parse_many
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from process_manager import durations, logs
from process_manager.errors import SignInsHeld
from process_manager.governance import users
from process_manager.store import sign_in_failures

ADDRESS: Final = tuple(parse_many("20/minute;100/hour;500/day"))
"""How many may fail from one address: each stretch that is used up makes the next wait longer."""

NAME: Final = RateLimitItemPerDay(users.FAILURES_A_DAY)
"""How many may fail for one name, whether it exists or not; beside the ten in a row that lock a user."""

log = logs.get(__name__)


class AttemptLimit(NamedTuple):
    """How many sign-ins may fail in a stretch, of an address or of a name."""

    item: RateLimitItem
    of: tuple[str, str]

    @property
    def key(self) -> str:
        """The key under which the library counts it."""
        return self.item.key_for(*self.of)

    @property
    def kept(self) -> str:
        """The key under which the database keeps it."""
        return sign_in_failures.key(*self.of, seconds=self.item.get_expiry())


class _Counts(Storage):
    """What is counted, in the engine's database: read once, in one statement."""

    STORAGE_SCHEME = None

    def __init__(self, connection: sa.Connection, limits: Iterable[AttemptLimit], now: datetime) -> None:
        super().__init__()
        self._connection = connection
        self._now = now
        self._kept = {each.key: each.kept for each in limits}
        self._found = dict(sign_in_failures.counted(connection, list(self._kept.values()), now=now))

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what may go wrong."""
        return sa.exc.SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count one, and return how many there are by what was read."""
        kept, ends_at = self._kept[key], self._now + timedelta(seconds=expiry)
        sign_in_failures.count(self._connection, kept, now=self._now, ends_at=ends_at)
        before, until = self._found.get(kept, (0, ends_at))
        self._found[kept] = (before + amount, until)
        return before + amount

    def get(self, key: str) -> int:
        """Return how many there are."""
        return self._found.get(self._kept[key], _NONE)[0]

    def get_expiry(self, key: str) -> float:
        """Return when their stretch ends."""
        return self._found.get(self._kept[key], _NONE)[1].timestamp()

    def check(self) -> bool:
        """Return that it works: the statement in its making has."""
        return True

    def reset(self) -> int:
        """Refuse to forget all of them, which nobody asks for."""
        raise NotImplementedError

    def clear(self, key: str) -> None:
        """Forget one."""
        sign_in_failures.forget(self._connection, [self._kept[key]])


_NONE: Final = (0, datetime.fromtimestamp(0, UTC))


def require_open(connection: sa.Connection, name: str, address: str | None, *, now: datetime) -> None:
    """Raise SignInsHeld while too many have failed from the address or for the name."""
    limits = _limits(name, address)
    limiter = FixedWindowRateLimiter(_Counts(connection, limits, now))
    full = [each for each in limits if not limiter.test(each.item, *each.of)]
    if full:
        ends = max(limiter.get_window_stats(each.item, *each.of).reset_time for each in full)
        seconds = max(1, math.ceil(ends - now.timestamp()))
        raise SignInsHeld(wait=_rounded(seconds), seconds=seconds)


def count(connection: sa.Connection, name: str, address: str | None, *, now: datetime) -> None:
    """Count a sign-in that failed, and delete what is over."""
    limits = _limits(name, address)
    sign_in_failures.sweep(connection, now=now)
    limiter = FixedWindowRateLimiter(_Counts(connection, limits, now))
    for each in sorted(limits, key=lambda each: each.kept):  # in one order, so that no two deadlock
        limiter.hit(each.item, *each.of)
        if not limiter.test(each.item, *each.of):
            log.warning("sign_in.held", what=each.of[0], address=address, limit=repr(each.item))


def _limits(name: str, address: str | None) -> list[AttemptLimit]:
    of_name = AttemptLimit(NAME, ("name", name))
    if address is None:
        return [of_name]
    return [of_name, *(AttemptLimit(each, ("address", _network(address))) for each in ADDRESS)]


def _network(address: str) -> str:
    """Return the address, and of IPv6 the /64: whoever has one of these has all of them."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        known = found.ipv4_mapped
        return str(ipaddress.ip_network((found, 64), strict=False)) if known is None else str(known)
    return str(found)


def _rounded(seconds: int) -> str:
    """Return a wait in words: in seconds, and from two minutes on in whole minutes."""
    return durations.format(timedelta(seconds=seconds if seconds < 120 else math.ceil(seconds / 60) * 60))
