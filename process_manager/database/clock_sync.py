"""Whose clock this program reads: on a server the database's, which every host of a fleet shares."""

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
"""A round trip as long as this says too little about when the database looked at its clock."""

WORTH_A_LINE: Final = timedelta(seconds=1)


_keeping: Final[set[ClockSync]] = set()
"""Those that keep this program's clock right: without any of them, it reads its host's own again."""
_changing: Final = threading.Lock()


class ClockSync:
    """Has this program read the database's clock for as long as the block, and compares the two now and then."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._follows = settings.clock == "database" and database.dialect != "sqlite"
        self._next = 0.0  # by the monotonic clock
        self._has_compared = False
        self._told = timedelta(0)

    def __enter__(self) -> ClockSync:
        self.beat()
        if self._follows:
            with _changing:
                _keeping.add(self)
        return self

    def __exit__(self, *_exception: object) -> None:
        # Nobody would correct it any more, and the host may be set or sleep meanwhile.
        with _changing:
            _keeping.discard(self)
            if self._follows and not _keeping:
                clock.follow_host()

    def beat(self) -> None:
        """Compare the clocks, if it is time to; an answer that was long on its way is better than none, and no more."""
        if not self._follows or time.monotonic() < self._next:
            return
        with self._database.read() as connection:
            found = clock_offset.measure(connection)
        if found.round_trip > SLOW and self._has_compared:
            return
        self._has_compared = True
        self._next = time.monotonic() + EVERY
        clock.follow(found.ahead)
        if abs(found.ahead - self._told) >= WORTH_A_LINE:
            self._told = found.ahead
            log.warning("clock.differs", database_is_ahead_seconds=round(found.ahead.total_seconds(), 1))
