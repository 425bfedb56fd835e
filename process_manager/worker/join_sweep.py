"""A regular look at joins: parents that could not be woken are woken, and children that nobody told of are counted."""

from __future__ import annotations

from functools import partial
from typing import Final

import sqlalchemy as sa

from process_manager import clock
from process_manager.database import Database

SELDOM: Final = 15
"""Every so many looks it asks whether there are any joins at all, and counts children anew."""

ALL: Final = 2**63 - 1
"""Above every id."""


class JoinSweep:
    """Wakes what is left; where no step starts children it asks only now and then."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._looks = 0
        self._is_needed = False
        self._counted_down_to = ALL

    def look(self) -> None:
        """Wake parents that are left, and now and then count the children of some that wait."""
        is_time = self._looks % SELDOM == 0
        self._looks += 1
        if is_time and not self._is_needed:
            self._is_needed = self._has_joins()
        if self._is_needed:
            self._wake()
            if is_time:
                self._recount()

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

    def _recount(self) -> None:
        """Count the children of some that wait: a worker from before there were any settles one and tells nobody."""
        from process_manager.store import join_sweep

        with self._database.read() as connection:
            found = join_sweep.miscounted(connection, self._counted_down_to)
        self._counted_down_to = found.below or ALL
        if found.parents:
            self._database.run(partial(join_sweep.recount, parents=found.parents, now=clock.now()))
