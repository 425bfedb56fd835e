"""Troubles that last: told when they begin, every five minutes with their count, and when they are over."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Hashable
from typing import Any, Final

EVERY: Final = 300.0
"""Seconds between two lines about a trouble that lasts."""

MOST: Final = 100
"""Troubles that are known at once, and kinds of problems told of one: what nobody says is over is forgotten."""


class _Trouble:
    """One that has not passed."""

    def __init__(self, now: float) -> None:
        self.since, self.met, self.next = now, now, now + EVERY  # by the monotonic clock
        self.times = 0
        self.told: set[str] = set()


class RecurringProblem:
    """What goes wrong again and again in one place, such as a duty: not a line for each time."""

    def __init__(self, tell: Callable[..., object], event: str, *, over: str = "") -> None:
        """`event` is what a failure is called in the log, `over` the end of those that came more than once."""
        self._tell = tell
        self._event = event
        self._over = over
        self._known: dict[Hashable, _Trouble] = {}

    def met(self, problem: str, *, about: Hashable = None, **facts: Any) -> None:
        """It went wrong, with what is `about`: told if it is new, or it is time to tell of it once more."""
        now = time.monotonic()
        trouble = self._known.get(about) or self._begun(about, now)
        trouble.times, trouble.met = trouble.times + 1, now
        kind = re.sub(r"\d+", "", problem)  # of a port, an address or a moment, every time is another
        is_new = kind not in trouble.told and len(trouble.told) < MOST
        if not (is_new or now >= trouble.next):
            return
        trouble.told.add(kind)
        if now >= trouble.next:
            trouble.next = now + EVERY
        if trouble.times > 1:
            facts = {"times": trouble.times, "for_seconds": round(now - trouble.since), **facts}
        self._tell(self._event, problem=problem, **facts)

    def passed(self, *, about: Hashable = None, **facts: Any) -> None:
        """It went well; the end of a trouble is told if it lasted."""
        if self._known and (trouble := self._known.pop(about, None)) is not None and trouble.times > 1:
            lasted = round(time.monotonic() - trouble.since, 1)
            self._tell(self._over, times=trouble.times, lasted_seconds=lasted, **facts)

    def _begun(self, about: Hashable, now: float) -> _Trouble:
        if len(self._known) >= MOST:
            self._known.pop(min(self._known, key=lambda each: self._known[each].met))
        return self._known.setdefault(about, _Trouble(now))
