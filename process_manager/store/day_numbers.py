"""The query for how the last day went: moments of the newest processes and of what ended, each a bounded number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from process_manager.store.column_types import always
from process_manager.store.filters import Kinds, of_kinds
from process_manager.store.tables import processes

p = processes.c


def day(connection: sa.Connection, *, since: datetime, most: int, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Return the newest processes as far as they were started or stopped since then, and those that ended since then.

    The first are `begun`, and their second moment is when they last stopped; the others are `ended`, and theirs is
    when they did.
    """
    parts = (_begun(since, most, kinds), _ended(since, most, kinds))
    return connection.execute(sa.union_all(*parts)).mappings().all()


def _begun(since: datetime, most: int, kinds: Kinds) -> sa.Select[Any]:
    newest = sa.select(p.status, p.created_at, p.stopped_at).where(*of_kinds(kinds)).order_by(p.id.desc()).limit(most)
    n = newest.subquery("newest").c
    statement = sa.select(always("begun").label("what"), n.status, n.created_at, n.stopped_at.label("at"))
    return statement.where(sa.or_(n.created_at >= since, n.stopped_at >= since))


def _ended(since: datetime, most: int, kinds: Kinds) -> sa.Select[Any]:
    which = (p.finished_at.is_not(None), p.finished_at >= since, *of_kinds(kinds))
    latest = sa.select(p.status, p.created_at, p.finished_at).where(*which)
    e = latest.order_by(p.finished_at.desc(), p.id.desc()).limit(most).subquery("ended").c
    return sa.select(always("ended").label("what"), e.status, e.created_at, e.finished_at.label("at"))
