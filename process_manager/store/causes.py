"""Queries for why processes have stopped: counted by the key that each was given when it stopped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from process_manager.lifecycle import cause
from process_manager.lifecycle.status import NEEDS_A_PERSON
from process_manager.store import newest_ids
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.filters import ERRORS
from process_manager.store.json_rows import given_ids, json_rows, number, pack
from process_manager.store.tables import process_steps, processes

p, h = processes.c, process_steps.c

UNKNOWN: Final = ""
"""The key of what stopped before causes were kept."""

NEWEST: Final = 10_000
"""Among so many processes, the newest, those are counted that have passed a step."""

STOPPED: Final = (p.cause.is_not(None), p.status.in_(map(always, NEEDS_A_PERSON)))
"""The condition of the index that holds what has stopped."""


def counted(connection: sa.Connection, *, most: int) -> Sequence[sa.RowMapping]:
    """Count what has stopped by status and cause, with the first and the last of each; the commonest come first.

    Each row names the newest process that there is, too, as `newest_id`.

    Args:
        connection: A connection in any transaction.
        most: How many causes, at most.
    """
    count = sa.func.count().label("number")
    statement = sa.select(
        p.cause,
        p.status,
        count,
        sa.func.min(p.stopped_at).label("oldest"),
        sa.func.max(p.stopped_at).label("newest"),
        sa.func.min(p.id).label("first"),
        sa.func.max(p.id).label("last"),
        newest_ids.newest(),
    )
    grouped = statement.where(*STOPPED).group_by(p.cause, p.status)
    return connection.execute(grouped.order_by(count.desc(), p.cause, p.status).limit(most)).mappings().all()


def examples(connection: sa.Connection, ids: Iterable[int]) -> Sequence[sa.RowMapping]:
    """Return these processes and what they carry with their newest error, behind which a person may have written."""
    newest = process_steps.alias("newest").c
    last_error = sa.select(sa.func.max(newest.seq)).where(newest.process_id == p.id, newest.outcome.in_(ERRORS))
    is_last = sa.and_(h.process_id == p.id, h.seq == last_error.scalar_subquery())
    columns = (p.id, p.name, p.version, p.step, p.reference, p.order_key, p.parameters, p.payload, h.message)
    statement = sa.select(*columns).select_from(processes.outerjoin(process_steps, is_last))
    statement = statement.where(p.id.in_(given_ids(ids)))
    return connection.execute(hints.on(statement, processes, hints.SEEK)).mappings().all()


def passed(
    connection: sa.Connection, names: Collection[str], steps: Collection[str], *, since: datetime, newest_id: int
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Return by name, version and step when each of the newest processes has passed one of these steps since then."""
    first = max(newest_id - NEWEST, 0)
    statement = sa.select(p.name, p.version, h.step, h.finished_at)
    statement = statement.where(p.id > first, h.process_id > first, h.process_id == p.id)
    statement = statement.where(h.outcome == always("done"), h.finished_at > since)
    statement = statement.where(p.name.in_(sorted(names)), h.step.in_(sorted(steps)))
    return connection.execute(statement).all()


def sort_some(connection: sa.Connection, *, most: int) -> int:
    """Give processes that stopped before causes were kept the keys of theirs, and return how many were looked at.

    Args:
        connection: Inside the caller's transaction.
        most: How many, at most.
    """
    unknown = sa.select(p.id).where(*STOPPED, p.cause == always(UNKNOWN)).order_by(p.status, p.stopped_at, p.id)
    ids = connection.execute(unknown.limit(most)).scalars().all()
    rows = examples(connection, ids) if ids else []
    keys = [(row["id"], cause.key(row["name"], row["version"], row["step"] or "", row["message"])) for row in rows]
    if keys:
        connection.execute(_keep(), {"rows": pack(keys)})
    return len(keys)


def _keep() -> sa.Update:
    r = json_rows(number("id"), p.cause).c
    return hints.update(processes).where(p.id == r.id, p.cause == always(UNKNOWN)).values(cause=r.cause)
