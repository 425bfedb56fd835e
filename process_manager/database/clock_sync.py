"""Which clock this program reads: with a server, the database's, which all hosts of a fleet share."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Final

from process_manager import clock, logs
from process_manager.database import Database, clock_offset
from process_manager.settings import Settings

log = logs.get(__name__)

EVERY: Final = 30.0
"""Seconds between two comparisons: clocks that drift apart by less than a second a day need no more."""

SLOW: Final = timedelta(milliseconds=500)
"""A sample with a round trip this long does not tell well enough when the database read its clock."""

LOGGED_FROM: Final = timedelta(seconds=1)


_active: Final[set[ClockSync]] = set()
"""The instances that are active: without any, the program reads its host's own clock again."""
_active_lock: Final = threading.Lock()


class ClockSync:
    """A block in which this program reads the database's clock, compared with the host's now and then."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._follows = settings.clock == "database" and database.dialect != "sqlite"
        self._next = 0.0  # by the monotonic clock
        self._has_compared = False
        self._logged = timedelta(0)

    def __enter__(self) -> ClockSync:
        self.beat()
        if self._follows:
            with _active_lock:
                _active.add(self)
        return self

    def __exit__(self, *_exception: object) -> None:
        # Nothing would correct the offset any more, and the host's clock may be set or the host may sleep.
        with _active_lock:
            _active.discard(self)
            if self._follows and not _active:
                clock.follow_host()

    def beat(self) -> None:
        """Compare the clocks if it is time to; a slow sample is used only when there is no other yet."""
        if not self._follows or time.monotonic() < self._next:
            return
        with self._database.read() as connection:
            found = clock_offset.measure(connection)
        if found.round_trip > SLOW and self._has_compared:
            return
        self._has_compared = True
        self._next = time.monotonic() + EVERY
        clock.follow(found.ahead)
        if abs(found.ahead - self._logged) >= LOGGED_FROM:
            self._logged = found.ahead
            log.warning("clock.differs", database_is_ahead_seconds=round(found.ahead.total_seconds(), 1))
