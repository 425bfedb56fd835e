"""A regular look at events: whom a signal left is woken, who went on without one is noted, and old ones go."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from process_manager import clock
from process_manager.database import Database

if TYPE_CHECKING:
    from process_manager.worker.event_keeping import EventKeeping  # of those who use events alone

SELDOM: Final = 15
"""Every so many looks it asks whether there are any events at all, and who went on without theirs."""

LONGEST: Final = 0.8
"""Seconds of one look: the thread has the switches to look at, too."""


class EventSweep:
    """Wakes what is left, 250 processes in a transaction; where nobody uses events it asks only now and then."""

    def __init__(self, database: Database, keep: timedelta | None) -> None:
        """`keep` is how long an event is kept for which nothing waits; None is for ever."""
        self._database = database
        self._keep = keep
        self._keeping: EventKeeping | None = None
        self._gone_after: tuple[str, int] | None = None  # where the look for who went on without is to go on
        self._looks = 0
        self._is_needed = False

    def look(self) -> None:
        """Wake what signals have left, for as long as there is something and one look may take."""
        is_time = self._looks % SELDOM == 0
        self._looks += 1
        if is_time and not self._is_needed:
            self._is_needed = self._has_events()
        if self._is_needed:
            self._wake()
            if is_time or self._gone_after is not None:
                self._note_gone()
            if self._keep is not None:
                self._remove_old(self._keep)

    def _has_events(self) -> bool:
        first: sa.Select[int] = sa.select(sa.literal_column("1")).select_from(sa.table("events")).limit(1)
        with self._database.read() as connection:
            return connection.execute(first).scalar() is not None

    def _wake(self) -> None:
        from process_manager.store import event_sweep, event_waits

        ends = time.monotonic() + LONGEST
        with self._database.read() as connection:
            left = event_waits.left(connection)
        for key in left:
            while self._database.run(partial(event_sweep.go_on, key=key, now=clock.now())):
                if time.monotonic() >= ends:
                    return

    def _note_gone(self) -> None:
        from process_manager.store import event_waits

        with self._database.read() as connection:
            gone = event_waits.gone(connection, self._gone_after or ("", 0))
        if gone.ids:
            self._database.run(partial(event_waits.end_gone, ids=gone.ids))
        self._gone_after = gone.after

    def _remove_old(self, keep: timedelta) -> None:
        if self._keeping is None:
            from process_manager.worker.event_keeping import EventKeeping

            self._keeping = EventKeeping(self._database, keep)
        self._keeping.look()
