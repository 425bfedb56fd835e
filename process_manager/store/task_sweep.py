"""Move on tasks whose moment has come, and close those for which nobody waits, some in a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from process_manager.schedules.task_times import TaskTimes, moved_on
from process_manager.store import sqlserver_hints as hints
from process_manager.store import tasks as stored
from process_manager.store.column_types import always
from process_manager.store.json_rows import given_ids
from process_manager.store.tables import processes
from process_manager.store.task_queries import WAITS
from process_manager.store.task_tables import tasks

t, p = tasks.c, processes.c

AT_ONCE: Final = 100
"""The most tasks that one transaction moves on."""

_NOW: Final = sa.bindparam("now", type_=t.next_at.type)


def move_on(connection: sa.Connection, *, now: datetime) -> list[tuple[sa.RowMapping, dict[str, Any]]]:
    """Move on some of the tasks whose moment has come; those that another transaction has locked are left.

    Returns:
        Each that still waits, as it was, with what has changed.
    """
    rows = connection.execute(due_statement(), {"now": now}).mappings().all()
    waiting = _waiting(connection, [row["id"] for row in rows])
    made = []
    for row in rows:
        if row["id"] not in waiting:
            stored.change(connection, row["id"], {"is_open": 0, "next_at": None})
            continue
        changes = moved_on(TaskTimes(*(row[name] for name in TaskTimes._fields)), now)
        stored.change(connection, row["id"], changes)
        made.append((row, changes))
    return made


@lru_cache
def due_statement() -> sa.Select[*tuple[Any, ...]]:
    """Select tasks whose moment has come, locked, the first of them; skip those that others have locked."""
    columns = (t.id, t.process_id, t.step, t.group_name, *(t[name] for name in TaskTimes._fields))
    found = sa.select(*columns).where(t.next_at <= _NOW).order_by(t.next_at, t.id).limit(always(AT_ONCE))
    return hints.on(found, tasks, hints.SKIP_LOCKED_IN_RANGE).with_for_update(skip_locked=True)


def _waiting(connection: sa.Connection, ids: Sequence[int]) -> set[int]:
    """Return those of the tasks for which their processes wait."""
    if not ids:
        return set()
    found = sa.select(t.id).join_from(tasks, processes, p.id == t.process_id)
    found = found.where(t.id.in_(given_ids(ids)), t.is_open == always(1), WAITS)
    return set(connection.execute(hints.on(found, tasks, hints.SEEK)).scalars())


def gone(connection: sa.Connection) -> list[int]:
    """Return some of the processes that asked something, and wait for it no longer."""
    return list(connection.execute(gone_statement()).scalars())


@lru_cache
def gone_statement() -> sa.Select[int]:
    """Select processes with an open task that do not stand where they asked it."""
    found = sa.select(t.process_id).join_from(tasks, processes, p.id == t.process_id)
    return found.where(t.is_open == always(1), ~WAITS).order_by(t.process_id).limit(always(AT_ONCE))


def close_gone(connection: sa.Connection, process_ids: Sequence[int]) -> None:
    """Close what is open of those of these processes that still wait for nothing that they asked."""
    found = sa.select(p.id).where(p.id.in_(given_ids(process_ids))).order_by(p.id).with_for_update(skip_locked=True)
    locked = set(connection.execute(hints.on(found, processes, hints.SKIP_LOCKED)).scalars())
    still = sorted(locked & set(gone(connection)))
    if still:
        stored.close(connection, still)
