"""Where the newest processes begin: a bound on ids, by which a database reads their history and no other."""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.store.tables import processes

p = processes.c


def before(connection: sa.Connection, *, most: int) -> int:
    """Return the id after which at most so many processes come.

    It is asked by itself: only a number that is known lets a database see that few rows of the history come after it.
    """
    newest = connection.execute(sa.select(sa.func.max(p.id))).scalar_one_or_none()
    return max((newest or 0) - most, 0)
