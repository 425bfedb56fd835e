"""Queries on events; nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from process_manager.lifecycle.events import HeardSignal
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.event_tables import event_signals, event_waits, events
from process_manager.store.filters import Kinds, of_kinds
from process_manager.store.json_rows import given_ids
from process_manager.store.tables import processes

e, s, w, p = events.c, event_signals.c, event_waits.c, processes.c


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


class EventRow(NamedTuple):
    """An event: how often it was signalled, since when it stands, its last signal, and how many wait for it."""

    key: str
    number: int
    stated_at: datetime | None
    signalled_at: datetime | None
    payload: str | None
    by: str | None
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    waiting: int


def one(connection: sa.Connection, key: str, *, kinds: Kinds = None) -> EventRow | None:
    """Return an event; None where nobody has named it, or none of these kinds waits or ever waited for it."""
    row = connection.execute(_rows(kinds).where(e.key == key)).one_or_none()
    return None if row is None else EventRow(*row)


def page(connection: sa.Connection, *, after: str, limit: int, kinds: Kinds = None) -> list[EventRow]:
    """Return the events whose key comes later, the first of them, at most `limit`."""
    rows = connection.execute(_rows(kinds).where(e.key > after).order_by(e.key).limit(limit))
    return [EventRow(*row) for row in rows]


def _rows(kinds: Kinds) -> sa.Select[Any]:
    newest = sa.and_(s.key == e.key, s.number == e.number)
    told = (s.stated_at.label("signalled_at"), s.payload, s.by, s.withdrawn_at, s.withdrawn_by)
    found = sa.select(e.key, e.number, e.stated_at, *told, _waiting(kinds)).select_from(events)
    found = hints.on(found.outerjoin(event_signals, newest), event_signals, hints.SEEK)
    return found if kinds is None else found.where(_waits(kinds).exists())


def _waiting(kinds: Kinds) -> sa.Label[int]:
    """Count the processes of these kinds that wait for an event."""
    waits = sa.select(sa.func.count()).where(w.key == e.key, w.is_open == always(1))
    if kinds is None:
        return hints.on(waits.select_from(event_waits), event_waits, hints.SEEK).scalar_subquery().label("waiting")
    return _of_kinds(waits.select_from(event_waits), kinds).scalar_subquery().label("waiting")


def _waits(kinds: Kinds) -> sa.Select[Any]:
    return _of_kinds(sa.select(w.process_id).where(w.key == e.key), kinds)


def _of_kinds(found: sa.Select[Any], kinds: Kinds) -> sa.Select[Any]:
    return hints.on(found.join(processes, p.id == w.process_id).where(*of_kinds(kinds)), processes, hints.SEEK)


def waiting(connection: sa.Connection, key: str, *, limit: int, kinds: Kinds = None) -> list[int]:
    """Return the processes that wait for an event, the oldest first, at most `limit`."""
    found = sa.select(w.process_id).where(w.key == key, w.is_open == always(1))
    return list(connection.execute(_of_kinds(found, kinds).order_by(w.process_id).limit(limit)).scalars())


def wakes(connection: sa.Connection, process_id: int) -> dict[int, tuple[str, int]]:
    """Return by the seq of the next history row which events woke a process, each with the number of its signal."""
    found = sa.select(w.woken_seq, w.key, w.woken_number).where(w.process_id == process_id, w.woken_seq.is_not(None))
    rows = connection.execute(hints.on(found, event_waits, hints.SEEK))
    return {row.woken_seq: (row.key, row.woken_number) for row in rows}


def waited_for(connection: sa.Connection, ids: Iterable[int]) -> dict[int, str]:
    """Return for which event each of these processes waits; those that wait for none are left out."""
    found = sa.select(w.process_id, w.key).where(w.process_id.in_(given_ids(ids)), w.is_open == always(1))
    rows = connection.execute(hints.on(found, event_waits, hints.SEEK))
    return {row.process_id: row.key for row in rows}
