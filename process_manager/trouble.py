"""Transactions that failed, and how long the database is let be before the same one is run again."""

from __future__ import annotations

import random
import time
from typing import Final

import sqlalchemy as sa

from process_manager import logs
from process_manager.database import failures

log = logs.get(__name__)

RESTS: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds, each a little less by chance: workers that failed together do not come back together."""


class Trouble:
    """The failures in a row of one worker."""

    def __init__(self) -> None:
        self.latest: sa.exc.DBAPIError | None = None
        self._times = 0
        self._since: float | None = None  # these by the monotonic clock
        self._next = 0.0

    def met(self, problem: sa.exc.DBAPIError) -> None:
        """A transaction failed; what is to be written stays to be written."""
        now = time.monotonic()
        rest = RESTS[min(self._times, len(RESTS) - 1)] * random.uniform(0.75, 1)  # noqa: S311 - it guards nothing
        self.latest, self._since, self._next = problem, self._since or now, now + rest
        self._times += 1
        log.warning("transaction.failed", problem=failures.told(problem), again_in=round(rest, 3))

    def passed(self) -> None:
        """A transaction went through."""
        self._times, self._since = 0, None

    def rest(self) -> float:
        """Seconds until the next try; not more than none when it may come."""
        return self._next - time.monotonic()

    def lasts(self) -> float:
        """Seconds since the first failure of those in a row."""
        return 0.0 if self._since is None else time.monotonic() - self._since
