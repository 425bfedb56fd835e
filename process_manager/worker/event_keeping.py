"""A regular look for events that were kept long enough: those for which nothing waits are removed."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from typing import Final

from process_manager import clock, logs
from process_manager.database import Database

log = logs.get(__name__)

HOUR: Final = 3600.0
"""Seconds after which it begins anew, once it has looked at all events."""

LONGEST: Final = 0.5
"""Seconds of one look."""


class EventKeeping:
    """Looks at 1,000 events at a time, and removes those that are old, each in a transaction of its own."""

    def __init__(self, database: Database, keep: timedelta) -> None:
        self._database = database
        self._keep = keep
        self._after = ""
        self._at = 0.0  # when to look next, by the monotonic clock

    def look(self) -> None:
        """Look at some more if it is time to."""
        if time.monotonic() < self._at:
            return
        from process_manager.store import event_keeping

        before, ends = clock.now() - self._keep, time.monotonic() + LONGEST
        with self._database.read() as connection:
            found = event_keeping.old(connection, after=self._after, before=before)
        for number, key in enumerate(found.keys):
            if time.monotonic() >= ends:
                log.info("events.removed", number=number)
                return
            while self._database.run(partial(event_keeping.remove, key=key, before=before)):
                pass
        if found.keys:
            log.info("events.removed", number=len(found.keys))
        self._after = found.after or ""
        if found.after is None:
            self._at = time.monotonic() + HOUR
