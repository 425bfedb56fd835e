"""Queries for how the last day went: moments of the newest processes and of what ended, each a bounded number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from process_manager.store.causes import STOPPED
from process_manager.store.filters import Kinds, of_kinds
from process_manager.store.tables import processes

p = processes.c


def begun(connection: sa.Connection, *, since: datetime, most: int, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Return when each of the newest processes was started, and when it last stopped, as far as that is since then."""
    newest = sa.select(p.created_at, p.stopped_at).where(*of_kinds(kinds)).order_by(p.id.desc()).limit(most)
    n = newest.subquery("newest").c
    statement = sa.select(n.created_at, n.stopped_at).where(sa.or_(n.created_at >= since, n.stopped_at >= since))
    return connection.execute(statement).mappings().all()


def ended(connection: sa.Connection, *, since: datetime, most: int, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Return how and when each process ended that did since then, the newest first."""
    which = (p.finished_at.is_not(None), p.finished_at >= since, *of_kinds(kinds))
    statement = sa.select(p.status, p.created_at, p.finished_at).where(*which)
    return connection.execute(statement.order_by(p.finished_at.desc(), p.id.desc()).limit(most)).mappings().all()


def stopped(connection: sa.Connection, *, since: datetime, most: int, kinds: Kinds = None) -> int:
    """Count what has stopped since then until someone acts, up to so many."""
    some = sa.select(p.id).where(*STOPPED, p.stopped_at >= since, *of_kinds(kinds)).limit(most).subquery()
    return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())
