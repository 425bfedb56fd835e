"""Log problems that last only when they begin, every five minutes with their count, and when they are over."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Hashable
from typing import Any, Final

EVERY: Final = 300.0
"""Seconds between two lines about a problem that lasts."""

MOST: Final = 100
"""The most problems remembered at once, and the most kinds of one that are logged: the oldest is forgotten."""


class _Problem:
    """A problem that is not over."""

    def __init__(self, now: float) -> None:
        self.since, self.latest, self.next = now, now, now + EVERY  # by the monotonic clock
        self.times = 0
        self.logged: set[str] = set()


class RecurringProblem:
    """A problem that recurs in one place, such as a periodic task, and is not logged each time."""

    def __init__(self, log: Callable[..., object], event: str, *, over: str = "") -> None:
        """Name the log events: `event` for a failure, `over` for the end of one that came more than once."""
        self._log = log
        self._event = event
        self._over = over
        self._known: dict[Hashable, _Problem] = {}

    def failed(self, problem: str, *, about: Hashable = None, **facts: Any) -> None:
        """Log the failure if it is new, or if it is time to log it once more; `about` tells failures apart."""
        now = time.monotonic()
        known = self._known.get(about) or self._begin(about, now)
        known.times, known.latest = known.times + 1, now
        kind = re.sub(r"\d+", "", problem)  # ports, addresses and moments differ every time
        is_new = kind not in known.logged and len(known.logged) < MOST
        if not (is_new or now >= known.next):
            return
        known.logged.add(kind)
        if now >= known.next:
            known.next = now + EVERY
        if known.times > 1:
            facts = {"times": known.times, "for_seconds": round(now - known.since), **facts}
        self._log(self._event, problem=problem, **facts)

    def recovered(self, *, about: Hashable = None, **facts: Any) -> None:
        """End the problem; its end is logged if it came more than once."""
        if self._known and (known := self._known.pop(about, None)) is not None and known.times > 1:
            lasted = round(time.monotonic() - known.since, 1)
            self._log(self._over, times=known.times, lasted_seconds=lasted, **facts)

    def _begin(self, about: Hashable, now: float) -> _Problem:
        if len(self._known) >= MOST:
            self._known.pop(min(self._known, key=lambda each: self._known[each].latest))
        return self._known.setdefault(about, _Problem(now))
