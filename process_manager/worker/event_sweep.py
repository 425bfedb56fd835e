"""A regular look at events: whom a signal could not wake at once is woken, and who went on without one is noted."""

from __future__ import annotations

import time
from functools import partial
from typing import Final

import sqlalchemy as sa

from process_manager import clock
from process_manager.database import Database

SELDOM: Final = 15
"""Every so many looks it asks whether there are any events at all, and who went on without theirs."""

LONGEST: Final = 0.8
"""Seconds of one look: the thread has the switches to look at, too."""


class EventSweep:
    """Wakes what is left, 250 processes in a transaction; where nobody uses events it asks only now and then."""

    def __init__(self, database: Database) -> None:
        self._database = database
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
            if is_time:
                self._note_gone()

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
            gone = event_waits.gone(connection)
        if gone:
            self._database.run(partial(event_waits.end_gone, ids=gone))
