"""Remove events that were kept long enough and for which nothing waits: whatever may still ask for one keeps it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from process_manager.lifecycle.status import FINAL
from process_manager.store import events as standing
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import always
from process_manager.store.event_tables import event_signals, event_waits, events
from process_manager.store.json_rows import json_rows, pack
from process_manager.store.tables import processes

e, s, w, p = events.c, event_signals.c, event_waits.c, processes.c

PORTION: Final = 1_000
"""The most events that one look reads, and the most signals of one that a transaction removes."""

AT_ONCE: Final = 100
"""The most events that one look finds."""

_BEFORE: Final = sa.bindparam("before", type_=s.stated_at.type)


class Old(NamedTuple):
    """Events that may be removed, and after which key to look next; None when that was the end."""

    keys: list[str]
    after: str | None


def old(connection: sa.Connection, *, after: str, before: datetime) -> Old:
    """Look at the next 1,000 events for those that were last signalled or withdrawn before a moment.

    One that an open process waits for, or waited for at a step of it, is not among them, however old it is.
    """
    last = connection.execute(portion_statement(), {"after": after}).scalar()
    if last is None:
        return Old([], None)
    given = {"after": after, "last": last, "before": before}
    keys = list(connection.execute(old_statement(), given).scalars())
    return Old(keys, keys[-1] if len(keys) == AT_ONCE else last)


def remove(connection: sa.Connection, key: str, *, before: datetime) -> bool:
    """Remove an event that may be, with its signals, and return whether more of it is left to remove.

    It is locked first: who begins to wait for it or signals it meanwhile keeps it. One that another has locked is left.
    """
    held = standing.lock_free(connection, [key])
    if not held:
        return False
    rows = {"rows": pack([(key,)])}
    if connection.execute(still_statement(), {**rows, "before": before}).scalar() is None:
        return False
    lowest = connection.execute(sa.select(sa.func.min(s.number)).where(s.key == key)).scalar()
    upto = 0 if lowest is None else lowest + PORTION - 1
    connection.execute(sa.delete(event_signals).where(s.key == key, s.number <= upto))
    if upto < held[key].number:
        return True
    connection.execute(sa.delete(events).where(e.key == key))
    return False


@lru_cache
def portion_statement() -> sa.Select[Any]:
    """Select the last of the next events by their keys."""
    some = sa.select(e.key).where(e.key > sa.bindparam("after")).order_by(e.key).limit(PORTION)
    return sa.select(sa.func.max(some.subquery("some_keys").c.key))


@lru_cache
def old_statement() -> sa.Select[str]:
    """Select those of a portion that may be removed."""
    between = (e.key > sa.bindparam("after"), e.key <= sa.bindparam("last"))
    return _may_go().where(*between).order_by(e.key).limit(always(AT_ONCE))


@lru_cache
def still_statement() -> sa.Select[str]:
    """Select an event that is locked if it may still be removed."""
    return hints.on(_may_go().where(e.key.in_(sa.select(json_rows(e.key).c.key))), events, hints.SEEK)


def _may_go() -> sa.Select[str]:
    """Select events that were last heard of before a moment, and that nothing waits for."""
    newest = sa.and_(s.key == e.key, s.number == e.number)
    is_old = sa.or_(e.number == always(0), sa.func.coalesce(s.withdrawn_at, s.stated_at) < _BEFORE)
    found = sa.select(e.key).select_from(events).outerjoin(event_signals, newest)
    found = found.where(e.waking == always(0), is_old, ~_may_ask().exists())
    return hints.on(found, event_signals, hints.SEEK)


def _may_ask() -> sa.Select[int]:
    """Select processes that wait or waited for an event and may go on: a step of one may ask what woke it."""
    waits = sa.select(w.process_id).join(processes, p.id == w.process_id)
    waits = waits.where(w.key == e.key, p.status.not_in(map(always, FINAL)))
    return hints.on(hints.on(waits, processes, hints.SEEK), event_waits, hints.SEEK)
