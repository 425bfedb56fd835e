"""Processes that wait for events: who waits, who is woken, and who went on without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from process_manager.lifecycle.status import Status
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.event_tables import event_waits, events
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import processes

w, e, p = event_waits.c, events.c, processes.c

AT_ONCE: Final = 250
"""The most processes that one transaction wakes: SQL Server escalates 5,000 locks, and others wait for the rows."""

_OPEN: Final = w.is_open == always(1)
_RESTS: Final = sa.and_(p.status == always(Status.WAITING), p.waiting_for == always("event"))
_NUMBER: Final = sa.bindparam("to_number", type_=w.number.type)
_WAITING: Final = (w.key == sa.bindparam("of_key"), _OPEN, w.number < _NUMBER)
_PICKED: Final[sa.BindParameter[int]] = sa.bindparam("picked", expanding=True)

FEW: Final = 10
"""The most events that one look of a sweep finds."""

LOOKED_AT: Final = 1_000
"""The most waits that one look reads for those that are gone."""


class Woken(NamedTuple):
    """The processes that were woken, whether nobody is left to wake, and how many were looked at for that."""

    ids: list[int]
    is_all: bool
    tried: int = 0


def begin(connection: sa.Connection, waits: Iterable[tuple[int, int, str, str]]) -> None:
    """Let processes wait, given as (process id, seq of its row, event, key of the step), the event locked.

    A signal wakes it that is newer than all that there were, and one that stands and has not woken this step yet.
    """
    found = sorted(waits)
    end(connection, {row[0] for row in found})
    connection.execute(begin_statement(), {"rows": pack(found)})


_BEGUN: Final = (w.process_id, w.seq, w.key, w.step_key)


@lru_cache
def begin_statement() -> sa.Insert:
    """Insert a wait for each of the rows."""
    r = json_rows(*_BEGUN)
    before = event_waits.alias("before")
    is_same = (before.c[name] == r.c[name] for name in ("process_id", "key", "step_key"))
    woken = sa.select(sa.func.coalesce(sa.func.max(before.c.woken_number), always(0))).where(*is_same)
    known = sa.case((e.stated_at.is_(None), e.number), else_=hints.on(woken, before, hints.SEEK).scalar_subquery())
    found = sa.select(*r.c, known.label("number"), always(1).label("is_open")).where(e.key == r.c.key)
    found = hints.on(found, events, hints.SEEK)
    return sa.insert(event_waits).from_select([*(each.name for each in _BEGUN), "number", "is_open"], found)


def end(connection: sa.Connection, ids: Iterable[int]) -> None:
    """Note that these processes, whose rows are locked, wait for no event any more."""
    connection.execute(end_statement(), {"picked": sorted(ids)})


@lru_cache
def end_statement() -> sa.Update:
    """Close what is open of these processes."""
    return hints.update(event_waits).where(w.process_id.in_(_PICKED), _OPEN).values(is_open=always(0))


def wake(connection: sa.Connection, key: str, number: int, *, now: datetime, most: int | None = None) -> Woken:
    """Make due what waits for this signal of an event, or an older one: at most 250 processes, or `most`.

    The event is locked. A process whose row another transaction has locked is skipped.
    """
    values = {"of_key": key, "to_number": number}
    found = connection.execute(candidates_statement(), values).scalars().all()
    if not found:
        return Woken([], is_all=True)
    picked = found[:most]
    rows = _locked(connection, picked) if picked else {}
    late = [id_ for id_, rests in rows.items() if not rests]
    if late:  # their moment came before the signal: they run, or have run
        end(connection, late)
    ids = _wake(connection, [id_ for id_, rests in rows.items() if rests], values, now)
    return Woken(ids, is_all=len(found) < AT_ONCE and len(rows) == len(found), tried=len(picked))


def _locked(connection: sa.Connection, ids: Iterable[int]) -> dict[int, bool]:
    """Lock the rows of these processes that nobody else has locked, and return whether each waits for an event."""
    rows = connection.execute(lock_statement(), {"picked": sorted(ids)})
    return {id_: bool(rests) for id_, rests in rows}


def _wake(connection: sa.Connection, rest: Sequence[int], values: Mapping[str, object], now: datetime) -> list[int]:
    """Wake those of the processes, which are locked now, that still wait for it; one may wait for another by now."""
    ids = sorted(connection.execute(waiting_statement(), {**values, "picked": rest}).scalars()) if rest else []
    if ids:
        connection.execute(woken_statement(), {**values, "picked": ids})
        connection.execute(due_statement(), {"now": now, "picked": ids})
    return ids


@lru_cache
def candidates_statement() -> sa.Select[int]:
    """Select the processes that a signal wakes, as far as one transaction may."""
    found = sa.select(w.process_id).where(*_WAITING).order_by(w.process_id).limit(always(AT_ONCE))
    return hints.on(found, event_waits, hints.SEEK)


@lru_cache
def waiting_statement() -> sa.Select[int]:
    """Select those of the processes that the signal wakes."""
    found = sa.select(w.process_id).where(w.process_id.in_(_PICKED), *_WAITING)
    return hints.on(found, event_waits, hints.SEEK)


@lru_cache
def lock_statement() -> sa.Select[int, int]:
    """Lock the rows of processes, and select whether each waits for an event; skip those that others have locked."""
    found = sa.select(p.id, sa.case((_RESTS, 1), else_=0)).where(p.id.in_(_PICKED)).order_by(p.id)
    found = found.with_hint(processes, "FORCE INDEX (PRIMARY)", dialect_name="mariadb")
    return hints.on(found, processes, hints.SKIP_LOCKED).with_for_update(skip_locked=True, key_share=True, of=processes)


@lru_cache
def woken_statement() -> sa.Update:
    """Note what woke these processes; the next row of their history tells of it."""
    next_seq = sa.select(p.seq + 1).where(p.id == w.process_id).scalar_subquery()
    woken = {"is_open": always(0), "woken_number": _NUMBER, "woken_seq": next_seq}
    return hints.update(event_waits).where(w.process_id.in_(_PICKED), *_WAITING).values(woken)


@lru_cache
def due_statement() -> sa.Update:
    """Make these processes due."""
    now = sa.bindparam("now", type_=p.due_at.type)
    due = {"status": always(Status.PENDING), "waiting_for": always(None), "retry_after": always(None)}
    return hints.update(processes).where(p.id.in_(_PICKED), _RESTS).values(due | {"due_at": now, "updated_at": now})


def wake_all(connection: sa.Connection, signalled: Mapping[str, int], *, now: datetime) -> list[int]:
    """Wake what waits for these signals, given as event and number, and return whom: at most 250 of all together.

    A sweep wakes who is left.
    """
    ids: list[int] = []
    room = AT_ONCE
    for key in sorted(signalled):
        woken = wake(connection, key, signalled[key], now=now, most=room)
        ids += woken.ids
        room -= woken.tried
        if not woken.is_all:
            set_left(connection, key, is_left=True)
    return ids


def left(connection: sa.Connection) -> list[str]:
    """Return some of the events of which a signal has not woken everybody yet."""
    found = sa.select(e.key).where(e.waking == always(1)).order_by(e.key).limit(FEW)
    return list(connection.execute(found).scalars())


def set_left(connection: sa.Connection, key: str, *, is_left: bool) -> None:
    """Note whether somebody is left to wake of an event that is locked."""
    connection.execute(sa.update(events).where(e.key == key).values(waking=int(is_left)))


class Gone(NamedTuple):
    """Processes that went on without their event, and after which wait to look next; None when that was the end."""

    ids: list[int]
    after: tuple[str, int] | None


def gone(connection: sa.Connection, after: tuple[str, int]) -> Gone:
    """Look at the next 1,000 waits or so that are open for processes that wait for no event: their moment came first.

    A claim makes nobody pay for noting that: it reads and writes nothing of events.
    """
    key, process_id = after
    looked_at = list(connection.execute(gone_statement(), {"of_key": key, "after": process_id}))
    if len(looked_at) < LOOKED_AT:
        looked_at += (more := connection.execute(gone_later_statement(), {"of_key": key}).all())
        if len(more) < LOOKED_AT:
            return Gone([each.id for each in looked_at if not each.rests], None)
    return Gone([each.id for each in looked_at if not each.rests], (looked_at[-1].key, looked_at[-1].id))


def end_gone(connection: sa.Connection, ids: Iterable[int]) -> None:
    """Note of those of the processes that still wait for no event that they do not; none begins to meanwhile."""
    locked = _locked(connection, ids)
    end(connection, [id_ for id_, rests in locked.items() if not rests])


@lru_cache
def gone_statement() -> sa.Select[Any]:
    """Select the next processes of which a wait for one event is open, and whether each still waits for an event."""
    return _gone(w.key == sa.bindparam("of_key"), w.process_id > sa.bindparam("after"))


@lru_cache
def gone_later_statement() -> sa.Select[Any]:
    """Select the same of the events after it."""
    return _gone(w.key > sa.bindparam("of_key"))


def _gone(*which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    some = sa.select(w.key, w.process_id).where(*which, _OPEN).order_by(w.key, w.process_id)
    looked_at = some.limit(LOOKED_AT).subquery("looked_at")
    found = sa.select(p.id, looked_at.c.key, sa.case((_RESTS, 1), else_=0).label("rests"))
    found = found.join(looked_at, p.id == looked_at.c.process_id).order_by(looked_at.c.key, p.id)
    return hints.on(found, processes, hints.SEEK)
