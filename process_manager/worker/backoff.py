"""Failed transactions of a worker, and how long the database is left alone before the next try."""

from __future__ import annotations

import random
import time
from typing import Final

from process_manager import logs
from process_manager.database import error_codes
from process_manager.log_throttle import RecurringProblem

log = logs.get(__name__)

RESTS: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
"""Seconds, each a little less by chance: workers that failed together do not come back together."""


class Backoff:
    """The failures in a row of one worker."""

    def __init__(self) -> None:
        self.latest: Exception | None = None
        self._lasting = RecurringProblem(log.warning, "transaction.failed", over="transaction.recovered")
        self._times = 0
        self._since: float | None = None  # these by the monotonic clock
        self._next = self._asked = 0.0

    def failed(self, problem: Exception) -> None:
        """Note that a transaction failed; what it was to write is still to be written."""
        now = time.monotonic()
        rest = RESTS[min(self._times, len(RESTS) - 1)] * random.uniform(0.75, 1)  # noqa: S311 - it guards nothing
        self.latest, self._next = problem, now + rest
        self._since = self._since or self._asked or now  # it may have waited for long before it failed
        self._times += 1
        self._lasting.failed(error_codes.message(problem), again_in=round(rest, 3))

    def succeeded(self) -> None:
        """Note that a transaction succeeded."""
        if self._times:
            self._times, self._since = 0, None
            self._lasting.recovered()

    def rest(self) -> float:
        """Return the seconds until the next try; 0 or less when it may be made at once."""
        self._asked = time.monotonic()
        return self._next - self._asked

    def lasts(self) -> float:
        """Return the seconds since the first failure of those in a row."""
        return 0.0 if self._since is None else time.monotonic() - self._since
