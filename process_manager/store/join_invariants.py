"""What must hold of joins, as queries for the rows that break it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from process_manager.lifecycle.status import SETTLED, Status
from process_manager.store.event_tables import event_waits
from process_manager.store.join_tables import children, joins
from process_manager.store.tables import processes

p, c, j, w = processes.c, children.c, joins.c, event_waits.c


def miscounted() -> sa.Select[Any]:
    """Select parents of which another number of children is open than was counted."""
    is_open = sa.case((p.status.in_(SETTLED), 0), else_=1)
    recounted = sa.select(c.parent_id, sa.func.sum(is_open).label("number")).join(processes, p.id == c.process_id)
    found = recounted.group_by(c.parent_id).subquery("recounted")
    place = sa.cast(j.open, sa.Unicode(12)).label("place")
    every = sa.select(j.parent_id.label("id"), place).select_from(joins)
    return every.outerjoin(found, found.c.parent_id == j.parent_id).where(sa.func.coalesce(found.c.number, 0) != j.open)


def missed(long_ago: sa.BindParameter[datetime]) -> sa.Select[Any]:
    """Select processes that have waited since long ago for children of which none is open, and for no moment."""
    waits = sa.select(p.id, p.step.label("place")).join(joins, j.parent_id == p.id).where(j.waits != "")
    return waits.where(
        ~sa.exists().where(w.process_id == p.id, w.is_open == 1),
        p.status == Status.WAITING,
        p.waiting_for == "event",
        p.due_at.is_(None),
        j.open == 0,
        p.updated_at < long_ago,
    )


def waits() -> sa.ColumnElement[bool]:
    """Return the condition that a process waits for its children."""
    return sa.exists().where(j.parent_id == p.id, j.waits != "")
