"""Queries on events; nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from process_manager.lifecycle.events import HeardSignal
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.event_tables import event_signals, event_waits, events
from process_manager.store.filters import Kinds, of_kinds
from process_manager.store.json_rows import given_ids, json_rows, pack
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


MOST: Final = 1_000
"""More than so many that wait for one event are not counted."""

_READ: Final = 10 * MOST
"""The most waits that are read of one event where those of some kinds alone are counted."""

_NO_END: Final = 2**63 - 1


class EventRow(NamedTuple):
    """An event: how often it was signalled, since when it stands, its last signal, and how many wait: up to `MOST` + 1.

    Of those of some kinds, the first 10,000 that wait are looked at.
    """

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
    found = _found(connection, _rows(kinds).where(e.key == key), kinds)
    return found[0] if found else None


def page(connection: sa.Connection, *, after: str, limit: int, kinds: Kinds = None) -> list[EventRow]:
    """Return the events whose key comes later, the first of them, at most `limit`."""
    return _found(connection, _rows(kinds).where(e.key > after).order_by(e.key).limit(limit), kinds)


def _found(connection: sa.Connection, which: sa.Select[Any], kinds: Kinds) -> list[EventRow]:
    """Return the events with how many wait for each; none of those behind the last that is counted costs anything."""
    rows = connection.execute(which).all()
    if not rows:
        return []
    most = MOST if kinds is None else _READ
    lasts = connection.execute(last_statement(most), {"rows": pack((row.key,) for row in rows)})
    ends = [(key, _NO_END if last is None else last) for key, last in lasts]
    counted = dict(list(connection.execute(_waiting(kinds), {"rows": pack(ends)})))
    return [EventRow(*(*row, min(counted[row.key], MOST + 1))) for row in rows]


def _rows(kinds: Kinds) -> sa.Select[Any]:
    newest = sa.and_(s.key == e.key, s.number == e.number)
    told = (s.stated_at.label("signalled_at"), s.payload, s.by, s.withdrawn_at, s.withdrawn_by)
    found = sa.select(e.key, e.number, e.stated_at, *told).select_from(events)
    found = hints.on(found.outerjoin(event_signals, newest), event_signals, hints.SEEK)
    return found if kinds is None else found.where(_waits(kinds).exists())


@lru_cache
def last_statement(most: int) -> sa.Select[Any]:
    """Select by event the first process that waits behind so many others; none where no more wait."""
    r = json_rows(e.key)
    last = sa.select(w.process_id).where(w.key == r.c.key, w.is_open == always(1)).order_by(w.process_id)
    last = hints.on(last.limit(1).offset(most), event_waits, hints.SEEK)
    return sa.select(r.c.key, last.correlate(r).scalar_subquery().label("last"))


def _waiting(kinds: Kinds) -> sa.Select[str, int]:
    """Count by event the processes of these kinds that wait for it, as far as they are counted."""
    r = json_rows(e.key, w.process_id)
    which = (w.key == r.c.key, w.is_open == always(1), w.process_id <= r.c.process_id)
    waits = hints.on(sa.select(sa.func.count()).select_from(event_waits).where(*which), event_waits, hints.SEEK)
    waits = waits if kinds is None else _of_kinds(waits, kinds)
    return sa.select(r.c.key, waits.correlate(r).scalar_subquery())


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
