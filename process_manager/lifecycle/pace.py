"""How starts of a rate are spread over time: a pure value."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

GRAIN: Final = timedelta(milliseconds=20)
"""How finely starts are spread: those that are closer to each other come together."""


class Pace(NamedTuple):
    """How starts of a rate are spread: one in each interval, none before a moment (None: there was none yet)."""

    interval: timedelta
    next_at: datetime | None

    def allowed(self, now: datetime) -> int:
        """Return how many may start now: one, or as many as belong to the grain of time just past."""
        since = self._since(now)
        return 0 if since > now else (now - since) // self.interval + 1

    def after(self, now: datetime, started: int) -> datetime:
        """Return the moment before which none may start, once so many have started now."""
        return self._since(now) + started * self.interval

    def _since(self, now: datetime) -> datetime:
        """Return from when on starts count: what was not used longer ago is gone."""
        slack = GRAIN if self.interval < GRAIN else timedelta()
        return now - slack if self.next_at is None else max(self.next_at, now - slack)
