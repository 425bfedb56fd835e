"""What must hold of tasks, as queries for the rows that break it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from process_manager.store.tables import processes
from process_manager.store.task_queries import WAITS
from process_manager.store.task_tables import tasks

t, p = tasks.c, processes.c


def waits() -> sa.ColumnElement[bool]:
    """Return the condition that a process waits for what it asked a person."""
    return sa.exists().where(t.process_id == p.id, t.is_open == 1, t.seq == p.seq)


def missed() -> sa.Select[Any]:
    """Select processes that wait for a person who has answered."""
    found = sa.select(p.id, sa.cast(t.id, sa.Unicode(20)).label("place")).join(tasks, t.process_id == p.id)
    return found.where(t.answered_at.is_not(None), WAITS)
