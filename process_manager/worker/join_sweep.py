"""A regular look at joins: parents that could not be woken, because somebody had locked their rows, are woken."""

from __future__ import annotations

from functools import partial
from typing import Final

import sqlalchemy as sa

from process_manager import clock
from process_manager.database import Database

SELDOM: Final = 15
"""Every so many looks it asks whether there are any joins at all."""


class JoinSweep:
    """Wakes what is left; where no step starts children it asks only now and then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looks = 0
        self._is_needed = False

    def look(self) -> None:
        """Wake parents that are left."""
        is_time = self._looks % SELDOM == 0
        self._looks += 1
        if is_time and not self._is_needed:
            self._is_needed = self._has_joins()
        if self._is_needed:
            self._wake()

    def _has_joins(self) -> bool:
        first: sa.Select[int] = sa.select(sa.literal_column("1")).select_from(sa.table("joins")).limit(1)
        with self._database.read() as connection:
            return connection.execute(first).scalar() is not None

    def _wake(self) -> None:
        from process_manager.store import join_sweep, joins

        with self._database.read() as connection:
            left = joins.left(connection)
        if left:
            self._database.run(partial(join_sweep.go_on, parents=left, now=clock.now()))
