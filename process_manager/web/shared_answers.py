"""Answers that cost much, made once for all who ask within a few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

T = TypeVar("T")

LASTS: Final = 5.0
"""Seconds for which an answer is given to everybody."""

MOST: Final = 100
"""So many answers are kept: who sees some kinds only has answers of their own."""


@dataclass(slots=True)
class _Answer:
    """An answer, and when it was made; while somebody makes it anew, they hold the lock."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    value: object = None
    made_at: float | None = None

    def is_younger(self, seconds: float) -> bool:
        """Return whether it was made so few seconds ago."""
        return self.made_at is not None and time.monotonic() - self.made_at < seconds


class SharedAnswers:
    """Keeps each answer for some seconds; while one thread makes it anew, the others are given the old one or wait."""

    def __init__(self, lasts: float = LASTS) -> None:
        self._lasts = lasts
        self._lock = threading.Lock()
        self._answers: dict[Hashable, _Answer] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return an answer that is not older than twice the time that it lasts; mostly, not older than once.

        Args:
            key: What is asked; whoever is to see another answer asks with another key.
            make: What makes it. When it raises, nothing is kept and who waits for it makes it.
        """
        answer = self._kept(key)
        if answer.is_younger(self._lasts):
            return cast(T, answer.value)
        is_old_one_good = answer.is_younger(2 * self._lasts)
        if not answer.lock.acquire(blocking=not is_old_one_good):
            return cast(T, answer.value)
        try:
            if not answer.is_younger(self._lasts):
                answer.value, answer.made_at = make(), time.monotonic()
            return cast(T, answer.value)
        finally:
            answer.lock.release()

    def keep(self, key: Hashable, value: object) -> None:
        """Keep an answer that somebody has by the way, unless it is being made."""
        answer = self._kept(key)
        if answer.lock.acquire(blocking=False):
            try:
                answer.value, answer.made_at = value, time.monotonic()
            finally:
                answer.lock.release()

    def forget(self) -> None:
        """Make every answer anew: something was done, and whoever did it is to see that."""
        with self._lock:
            self._answers.clear()

    def _kept(self, key: Hashable) -> _Answer:
        with self._lock:
            if key not in self._answers and len(self._answers) >= MOST:
                del self._answers[next(iter(self._answers))]
            return self._answers.setdefault(key, _Answer())
