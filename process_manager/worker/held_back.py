"""Results that cannot be recorded now: another transaction holds their lane, row or key, or they cannot be stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import sqlalchemy as sa

from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.transition import Transition
from process_manager.store import claiming, dedup_keys
from process_manager.worker.late_answers import LateAnswers, Stopped

RESTS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Seconds until an answer is tried again, the first time, the second, and so on."""

SLOW: Final = (1.0, 5.0, 15.0, 60.0)
"""The same for one that cannot be stored: the batch that it is tried with is written piece by piece then."""

LONG: Final = 2.0
"""Seconds after which somebody waits for its lock, who holds up nobody else: looked at, it might never be free."""

MOST: Final = 1_000
"""How many of them make room for other processes."""

FEW: Final = 10
"""The same of those that cannot be stored: where there are more, it may be so of any, and no step is to run in vain."""


class HeldAnswer:
    """One answer: when it was held back first, how often since, and when it is tried next."""

    __slots__ = ("again_at", "alone", "by_row", "first", "refusal", "since", "times", "transition")

    def __init__(self, transition: Transition, now: float) -> None:
        self.transition = transition
        self.by_row = False  # its row or key is held, and not just its lane, which a batch passes over
        self.alone = False  # nobody knows which lock it is, so that it holds up every batch that it is in
        self.refusal: str | None = None  # why nothing of it can be stored
        self.first = self.since = now  # by the monotonic clock
        self.times = 0
        self.again_at: float | None = None  # not while it is tried, or waited for

    def rest(self, now: float, rests: Sequence[float]) -> None:
        """Let it be for a while, each time longer."""
        self.again_at = now + rests[min(self.times, len(rests) - 1)]
        self.times += 1


class HeldBack:
    """Answers that rest, are tried with the next batch, or are waited for, each until it is recorded or refused.

    Each is still held: its lease is kept, nobody else gets its process, and nobody runs its step again.
    """

    def __init__(self, wait_for: Callable[[Transition], bool] | None) -> None:
        self.is_empty = True
        self._refused = 0  # how many of them cannot be stored
        self.kept: dict[tuple[int, int], HeldAnswer] = {}  # by process and fence
        self._said: list[Evidence] = []  # of processes whose rows are held
        self._said_at = 0.0  # when to try to store it, by the monotonic clock
        self._wait_for = wait_for
        self._late = LateAnswers()

    def put(self, transitions: Iterable[Transition], *, by_row: bool = False, alone: bool = False) -> None:
        """Keep these: to be tried again, or waited for by whoever does it once it was tried for long, or if `alone`."""
        now = time.monotonic()
        for transition in transitions:
            kept = self._keep(transition, now)
            kept.by_row, kept.alone, kept.refusal = by_row, alone, None
            if (alone or now - kept.since >= LONG) and self._wait_for is not None and self._wait_for(transition):
                kept.again_at = None
            else:
                kept.rest(now, RESTS)
        self._tell()

    def put_aside(self, transitions: Sequence[Transition], busy: Sequence[Transition]) -> list[Transition]:
        """Keep those whose lane or event another holds, and return the others."""
        self.put(busy)
        passed_over = {id(transition) for transition in busy}
        return [transition for transition in transitions if id(transition) not in passed_over]

    def wait_again(self, transition: Transition) -> None:
        """Note that it was waited for in vain: other answers have their turn before it."""
        kept = self.kept.get(_key(transition))
        if kept is not None:
            now = time.monotonic()
            kept.since = now
            kept.rest(now, RESTS)

    def shelve(self, hopeless: Iterable[tuple[Transition, str]]) -> None:
        """Keep these, of which nothing can be stored, with the reason: to be tried again ever more seldom."""
        now = time.monotonic()
        for transition, refusal in hopeless:
            kept = self._keep(transition, now)
            kept.by_row, kept.alone, kept.refusal = False, False, refusal
            kept.rest(now, SLOW)
        self._tell()

    def _keep(self, transition: Transition, now: float) -> HeldAnswer:
        kept = self.kept.setdefault(_key(transition), HeldAnswer(transition, now))
        kept.transition = transition
        return kept

    def refused(self) -> list[tuple[Transition, str]]:
        """Return the answers that cannot be stored, each with the reason."""
        return [(kept.transition, kept.refusal) for kept in self.kept.values() if kept.refusal is not None]

    def is_time(self) -> bool:
        """Return whether an answer is to be tried again."""
        return self.seconds() <= 0

    def seconds(self) -> float:
        """Return the seconds until an answer is to be tried again."""
        resting = [kept.again_at for kept in self.kept.values() if kept.again_at is not None]
        resting += [self._said_at] if self._said else []
        resting += [self._late.again_at] if self._late else []
        return min(resting) - time.monotonic() if resting else float("inf")

    def _tell(self) -> None:
        self.is_empty = not (self.kept or self._said or self._late)  # asked at every turn
        self._refused = sum(kept.refusal is not None for kept in self.kept.values())

    def mute(self, said: Sequence[Evidence]) -> None:
        """Keep what steps said, to be stored a little later."""
        if said:
            self._said = [*self._said, *said]
            self._said_at = time.monotonic() + RESTS[-1]
        self._tell()

    def put_refused(self, transition: Transition) -> None:
        """Keep one that was refused until it is looked why: whether its process was asked to stop."""
        self._late.put(transition)
        self._tell()

    def look_at_refused(self, connection: sa.Connection, *, taken_back: Callable[[Transition], bool]) -> list[Stopped]:
        """End processes that were asked to stop, and return what became of the answers that were refused.

        `taken_back` says of an answer whether what its step wrote is undone.
        """
        found = self._late.look(connection, taken_back=taken_back, waits=self._wait_for is None)
        self._tell()
        return found

    def take(self, connection: sa.Connection) -> tuple[list[Transition], list[Evidence]]:
        """Return what is to be tried now, and of it only what may be written without waiting for a row.

        When the database cannot be asked, all stays as it is.
        """
        now = time.monotonic()
        due = [kept for kept in self.kept.values() if kept.again_at is not None and kept.again_at <= now]
        self.put([kept.transition for kept in due if kept.alone], alone=True)
        due = [kept for kept in due if not kept.alone]
        transitions, said = [kept.transition for kept in due], self._said if self._said_at <= now else []
        held = set()
        if said or any(kept.by_row for kept in due):
            held = _held(connection, transitions, said)
        for kept in due:
            kept.again_at = None
        self._said = [] if said else self._said
        return self._split(transitions, said, held)

    def free(
        self, connection: sa.Connection, transitions: Sequence[Transition], said: Sequence[Evidence]
    ) -> tuple[list[Transition], list[Evidence]]:
        """Return what concerns rows that nobody else holds; keep the rest."""
        return self._split(transitions, said, _held(connection, transitions, said))

    def _split(
        self, transitions: Sequence[Transition], said: Sequence[Evidence], held: set[int]
    ) -> tuple[list[Transition], list[Evidence]]:
        self.put([each for each in transitions if each.claim.id in held], by_row=True)
        self.mute([each for each in said if each.process_id in held])
        free = [each for each in transitions if each.claim.id not in held]
        return free, [each for each in said if each.process_id not in held]

    def forget(self, transitions: Iterable[Transition]) -> None:
        """Forget these, which are recorded or refused."""
        for transition in transitions:
            self.kept.pop(_key(transition), None)
        self._tell()

    def clear(self) -> None:
        """Forget all of it; none of it is written any more."""
        self.kept, self._said = {}, []
        self._late.clear()
        self._tell()

    def room(self) -> int:
        """Return how many more processes may be held in place of these: they use no thread, and nothing runs."""
        return min(len(self.kept) - self._refused, MOST) + min(self._refused, FEW)

    def longer_than(self, seconds: float) -> list[Transition]:
        """Return the answers that have been held back for that many seconds."""
        before = time.monotonic() - seconds
        return [kept.transition for kept in self.kept.values() if kept.first <= before]


def _held(connection: sa.Connection, transitions: Sequence[Transition], said: Sequence[Evidence]) -> set[int]:
    ids = {each.claim.id for each in transitions} | {each.process_id for each in said}
    ended = [each.claim for each in transitions if each.state.finished_at is not None]
    with connection.begin():
        held = claiming.locked_by_others(connection, ids)
        return held | dedup_keys.locked_by_others(connection, [(each.name, each.dedup_hash, each.id) for each in ended])


def _key(transition: Transition) -> tuple[int, int]:
    return transition.claim.id, transition.claim.fence
