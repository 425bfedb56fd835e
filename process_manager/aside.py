"""Answers that cannot be recorded now, because another transaction holds their lane: kept out of the batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from process_manager import logs
from process_manager.position import Attempt

log = logs.get(__name__)

RESTS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Seconds until an answer is tried again, the first time, the second, and so on."""

LONG: Final = 2.0
"""Seconds after which somebody waits for its lock, who holds up nobody else: looked at, it might never be free."""

MOST: Final = 1_000
"""How many of them make room for other processes."""


class Kept:
    """One answer: when it was put aside first, how often since, and when it is tried next."""

    __slots__ = ("again_at", "attempt", "first", "since", "times")

    def __init__(self, attempt: Attempt, now: float) -> None:
        self.attempt = attempt
        self.first = self.since = now  # by the monotonic clock
        self.times = 0
        self.again_at: float | None = None  # not while it is tried, or waited for


class Aside:
    """Answers that rest, are tried with the next batch, or are waited for, each until it is recorded or refused.

    Each is still held: its lease is kept, nobody else gets its process, and nobody runs its step again.
    """

    def __init__(self, wait_for: Callable[[Attempt], bool] | None) -> None:
        self.kept: dict[tuple[int, int], Kept] = {}  # by process and fence
        self._wait_for = wait_for

    def put(self, attempts: Iterable[Attempt]) -> None:
        """Keep these: to be tried again, or waited for by whoever does it once it was tried for long."""
        now = time.monotonic()
        for attempt in attempts:
            kept = self.kept.setdefault(_key(attempt), Kept(attempt, now))
            kept.attempt = attempt
            if now - kept.since >= LONG and self._wait_for is not None and self._wait_for(attempt):
                kept.since, kept.again_at = now, None  # when it comes back, others have their turn
            else:
                kept.again_at = now + RESTS[min(kept.times, len(RESTS) - 1)]
                kept.times += 1

    def is_time(self) -> bool:
        """Whether one is to be tried again."""
        return self.seconds() <= 0

    def seconds(self) -> float:
        """Seconds until one is to be tried again."""
        resting = [kept.again_at for kept in self.kept.values() if kept.again_at is not None]
        return min(resting) - time.monotonic() if resting else float("inf")

    def take(self) -> list[Attempt]:
        """Those to be tried now."""
        return list(self._due())

    def _due(self) -> Iterator[Attempt]:
        now = time.monotonic()
        for kept in self.kept.values():
            if kept.again_at is not None and kept.again_at <= now:
                kept.again_at = None
                yield kept.attempt

    def forget(self, attempts: Iterable[Attempt]) -> None:
        """These are recorded, or refused."""
        for attempt in attempts:
            self.kept.pop(_key(attempt), None)

    def room(self) -> int:
        """How many more processes may be held for them: they take no thread, and nothing runs."""
        return min(len(self.kept), MOST)

    def longer_than(self, seconds: float) -> list[Attempt]:
        """Those that have been aside for so long."""
        before = time.monotonic() - seconds
        return [kept.attempt for kept in self.kept.values() if kept.first <= before]


def _key(attempt: Attempt) -> tuple[int, int]:
    return attempt.claim.id, attempt.claim.fence
