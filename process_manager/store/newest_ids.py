"""Where the newest processes begin: a bound on ids, by which a database reads their history and no other.

The newest id comes along with what is asked before: only a number that is known lets a database see that few rows of
the history come after it.
"""

from __future__ import annotations

import sqlalchemy as sa

from process_manager.store.tables import processes


def newest() -> sa.Label[int]:
    """Return the newest id as one more column of a statement about something else."""
    every = processes.alias("every_process").c
    return sa.select(sa.func.max(every.id)).scalar_subquery().label("newest_id")
