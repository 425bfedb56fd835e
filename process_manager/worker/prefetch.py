"""How many processes a worker may hold: many while steps are short, few while they are long."""

from __future__ import annotations

import time
from collections import deque
from typing import Final

MOST_HELD: Final = 400
MOST_RECORDED: Final = MOST_HELD // 2
"""About as many answers as one transaction writes: while the server does, the steps of the other half run."""

RECENT: Final = 0.2
"""Seconds: what was recorded within them is how much more than its threads a worker may hold."""

STUCK: Final = 1.0
"""Seconds without a record after which what no thread has begun is given back."""


class PrefetchLimit:
    """How much one worker recorded just now."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._recent: deque[tuple[float, int]] = deque()
        self._sum = 0  # of what is in it: it is asked for at every turn
        self._latest = time.monotonic()

    def beyond_threads(self) -> int:
        """Return how many more than its threads a worker may hold."""
        return self.limit() - self._threads

    def recorded(self, count: int) -> None:
        """Note a record of so many runs; what was given back unbegun is none, and makes no room for more."""
        self._latest = time.monotonic()
        self._recent.append((self._latest, count))
        self._sum += count
        self._forget()

    def limit(self) -> int:
        """Return how many processes may be held: one per thread, and as many as were recorded just now."""
        self._forget()
        return min(max(MOST_HELD, self._threads), self._threads + self._sum)

    def _forget(self) -> None:
        since = time.monotonic() - RECENT
        while self._recent and self._recent[0][0] < since:
            self._sum -= self._recent.popleft()[1]

    def is_stuck(self, held: int) -> bool:
        """Return whether more is held than there are threads, and nothing was recorded lately: the steps are long."""
        return held > self._threads and time.monotonic() - self._latest > STUCK
