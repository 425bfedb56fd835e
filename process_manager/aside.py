"""What cannot be recorded now, because another transaction holds its lane or its row: kept out of the batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import sqlalchemy as sa

from process_manager.position import Attempt
from process_manager.steprun import Evidence
from process_manager.store import claiming

RESTS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Seconds until an answer is tried again, the first time, the second, and so on."""

LONG: Final = 2.0
"""Seconds after which somebody waits for its lock, who holds up nobody else: looked at, it might never be free."""

MOST: Final = 1_000
"""How many of them make room for other processes."""


class Kept:
    """One answer: when it was put aside first, how often since, and when it is tried next."""

    __slots__ = ("again_at", "attempt", "by_row", "first", "since", "times")

    def __init__(self, attempt: Attempt, now: float) -> None:
        self.attempt = attempt
        self.by_row = False  # its row is held, and not just its lane, which a batch passes over
        self.first = self.since = now  # by the monotonic clock
        self.times = 0
        self.again_at: float | None = None  # not while it is tried, or waited for


class Aside:
    """Answers that rest, are tried with the next batch, or are waited for, each until it is recorded or refused.

    Each is still held: its lease is kept, nobody else gets its process, and nobody runs its step again.
    """

    def __init__(self, wait_for: Callable[[Attempt], bool] | None) -> None:
        self.is_empty = True
        self.kept: dict[tuple[int, int], Kept] = {}  # by process and fence
        self._said: list[Evidence] = []  # of processes whose rows are held
        self._said_at = 0.0  # when to try to store it, by the monotonic clock
        self._wait_for = wait_for

    def put(self, attempts: Iterable[Attempt], *, by_row: bool = False) -> None:
        """Keep these: to be tried again, or waited for by whoever does it once it was tried for long."""
        now = time.monotonic()
        for attempt in attempts:
            kept = self.kept.setdefault(_key(attempt), Kept(attempt, now))
            kept.attempt, kept.by_row = attempt, by_row
            if now - kept.since >= LONG and self._wait_for is not None and self._wait_for(attempt):
                kept.since, kept.again_at = now, None  # when it comes back, others have their turn
            else:
                kept.again_at = now + RESTS[min(kept.times, len(RESTS) - 1)]
                kept.times += 1
        self._tell()

    def is_time(self) -> bool:
        """Whether one is to be tried again."""
        return self.seconds() <= 0

    def seconds(self) -> float:
        """Seconds until one is to be tried again."""
        resting = [kept.again_at for kept in self.kept.values() if kept.again_at is not None]
        resting += [self._said_at] if self._said else []
        return min(resting) - time.monotonic() if resting else float("inf")

    def _tell(self) -> None:
        self.is_empty = not (self.kept or self._said)  # asked at every turn

    def mute(self, said: Sequence[Evidence]) -> None:
        """Keep what steps said, to be stored a little later."""
        if said:
            self._said = [*self._said, *said]
            self._said_at = time.monotonic() + RESTS[-1]
        self._tell()

    def take(self, connection: sa.Connection) -> tuple[list[Attempt], list[Evidence]]:
        """What is to be tried now, and of it only what may be written without waiting for a row.

        When the database cannot be asked, all stays as it is.
        """
        now = time.monotonic()
        due = [kept for kept in self.kept.values() if kept.again_at is not None and kept.again_at <= now]
        attempts, said = [kept.attempt for kept in due], self._said if self._said_at <= now else []
        held = set()
        if said or any(kept.by_row for kept in due):
            held = _held(connection, attempts, said)
        for kept in due:
            kept.again_at = None
        self._said = [] if said else self._said
        return self._split(attempts, said, held)

    def free(
        self, connection: sa.Connection, attempts: Sequence[Attempt], said: Sequence[Evidence]
    ) -> tuple[list[Attempt], list[Evidence]]:
        """What is of rows that nobody else holds; the rest is kept."""
        return self._split(attempts, said, _held(connection, attempts, said))

    def _split(
        self, attempts: Sequence[Attempt], said: Sequence[Evidence], held: set[int]
    ) -> tuple[list[Attempt], list[Evidence]]:
        self.put([each for each in attempts if each.claim.id in held], by_row=True)
        self.mute([each for each in said if each.process_id in held])
        free = [each for each in attempts if each.claim.id not in held]
        return free, [each for each in said if each.process_id not in held]

    def forget(self, attempts: Iterable[Attempt]) -> None:
        """These are recorded, or refused."""
        for attempt in attempts:
            self.kept.pop(_key(attempt), None)
        self._tell()

    def clear(self) -> None:
        """Nothing of it is written any more."""
        self.kept, self._said, self.is_empty = {}, [], True

    def room(self) -> int:
        """How many more processes may be held for them: they take no thread, and nothing runs."""
        return min(len(self.kept), MOST)

    def longer_than(self, seconds: float) -> list[Attempt]:
        """Those that have been aside for so long."""
        before = time.monotonic() - seconds
        return [kept.attempt for kept in self.kept.values() if kept.first <= before]


def _held(connection: sa.Connection, attempts: Sequence[Attempt], said: Sequence[Evidence]) -> set[int]:
    with connection.begin():
        ids = {each.claim.id for each in attempts} | {each.process_id for each in said}
        return claiming.locked_by_others(connection, ids)


def _key(attempt: Attempt) -> tuple[int, int]:
    return attempt.claim.id, attempt.claim.fence
