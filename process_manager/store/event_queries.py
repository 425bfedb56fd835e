"""Queries on events; nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from process_manager.lifecycle.events import HeardSignal
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.event_tables import event_signals, event_waits
from process_manager.store.json_rows import given_ids

s, w = event_signals.c, event_waits.c


def woken_by(connection: sa.Connection, process_id: int, step_key: str) -> HeardSignal | None:
    """Return the signal that ended the last wait of a step for an event; None where none did, or it has not waited."""
    row = connection.execute(woken_by_statement(), {"of_process": process_id, "of_step": step_key}).one_or_none()
    return None if row is None or row.number is None else HeardSignal(*row)


@lru_cache
def woken_by_statement() -> sa.Select[Any]:
    """Select the newest wait of a step with the signal that ended it."""
    woke = sa.and_(s.key == w.key, s.number == w.woken_number)
    found = (
        sa.select(*event_signals.c)
        .select_from(event_waits)
        .outerjoin(event_signals, woke)
        .where(w.process_id == sa.bindparam("of_process"), w.step_key == sa.bindparam("of_step"))
        .order_by(w.seq.desc())
        .limit(always(1))
    )
    return hints.on(hints.on(found, event_waits, hints.SEEK), event_signals, hints.SEEK)


def waited_for(connection: sa.Connection, ids: Iterable[int]) -> dict[int, str]:
    """Return for which event each of these processes waits; those that wait for none are left out."""
    found = sa.select(w.process_id, w.key).where(w.process_id.in_(given_ids(ids)), w.is_open == always(1))
    rows = connection.execute(hints.on(found, event_waits, hints.SEEK))
    return {row.process_id: row.key for row in rows}
