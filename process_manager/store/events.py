"""Events: lock them, signal and withdraw them. A process waits for the next signal of one, or for one that stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

import sqlalchemy as sa

from process_manager.lifecycle.events import EventAct, EventChanges, EventStanding, HeardSignal, changes
from process_manager.store import event_making
from process_manager.store import sqlserver_hints as hints
from process_manager.store.column_types import moment_text
from process_manager.store.event_tables import event_signals, events
from process_manager.store.insert_new import insert_new, unless_exists
from process_manager.store.json_rows import json_rows, pack

e, s = events.c, event_signals.c

NOT_YET = EventStanding(0, None)
"""An event that nobody has signalled yet."""

TRIES: Final = 10
"""How often an event is made again that was removed before it could be locked."""


def hold(connection: sa.Connection, keys: Iterable[str], *, waits: bool) -> dict[str, EventStanding]:
    """Lock events until the transaction ends, in sorted order; those that nobody named before are made.

    Args:
        connection: Inside the transaction that shall hold them.
        keys: The events.
        waits: Wait for events that others have locked; otherwise skip them.

    Returns:
        How each event that is now locked stands.
    """
    wanted = sorted(set(keys))
    if waits:
        return _made_and_locked(connection, wanted)
    held = _locked(connection, wanted, pass_statement())
    missing = [key for key in wanted if key not in held]
    new = sorted({*missing} - _existing(connection, missing)) if missing else []
    if new and event_making.at_once(connection, partial(_make, connection, new)):
        held |= _locked(connection, new, pass_statement())
    return held


def _made_and_locked(connection: sa.Connection, wanted: Sequence[str]) -> dict[str, EventStanding]:
    """Lock them all; one that was kept long enough may be removed before it is locked, and is made again."""
    held: dict[str, EventStanding] = {}
    for _ in range(TRIES):
        if not (missing := [key for key in wanted if key not in held]):
            return held
        _make(connection, missing)
        held |= lock(connection, missing)
    return {key: held[key] for key in wanted}  # a KeyError where they are removed as fast as they are made


def lock_free(connection: sa.Connection, keys: Sequence[str]) -> dict[str, EventStanding]:
    """Lock those of the events that there are and that nobody else has locked, and return how they stand."""
    return _locked(connection, keys, pass_statement())


def lock(connection: sa.Connection, keys: Sequence[str]) -> dict[str, EventStanding]:
    """Lock those of the events that there are, and return how they stand."""
    return _locked(connection, keys, lock_statement())


def _make(connection: sa.Connection, keys: Sequence[str]) -> None:
    connection.execute(make_statement(connection.dialect.name), {"rows": pack((key,) for key in keys)})


def _locked(connection: sa.Connection, keys: Sequence[str], statement: sa.Select[Any]) -> dict[str, EventStanding]:
    rows = connection.execute(statement, {"rows": pack((key,) for key in keys)})
    return {key: EventStanding(number, stated_at) for key, number, stated_at in rows}


def _existing(connection: sa.Connection, keys: Sequence[str]) -> set[str]:
    return set(connection.execute(existing_statement(), {"rows": pack((key,) for key in keys)}).scalars())


@lru_cache
def make_statement(dialect: str) -> sa.Insert:
    """Insert a row for each event that has none; wait for another transaction that inserts the same one."""
    wanted = json_rows(e.key)
    missing = sa.select(wanted.c.key).where(unless_exists(e.key, events, e.key == wanted.c.key))
    return insert_new(events, dialect).from_select(["key"], missing)


@lru_cache
def lock_statement() -> sa.Select[Any]:
    """Lock the rows of the events in sorted order, and select how they stand."""
    return hints.on(_rows(), events, hints.LOCK).with_for_update()


@lru_cache
def pass_statement() -> sa.Select[Any]:
    """Do the same, and skip those that another transaction has locked: a record waits for nobody."""
    return hints.on(_rows(), events, hints.SKIP_LOCKED).with_for_update(skip_locked=True)


def _rows() -> sa.Select[Any]:
    wanted = sa.select(json_rows(e.key).c.key)
    return sa.select(e.key, e.number, e.stated_at).where(e.key.in_(wanted)).order_by(e.key)


@lru_cache
def existing_statement() -> sa.Select[str]:
    """Select the events that there are, as they were last committed."""
    wanted = sa.select(json_rows(e.key).c.key)
    return hints.on(sa.select(e.key).where(e.key.in_(wanted)), events, hints.NO_LOCK)


def apply(
    connection: sa.Connection, held: Mapping[str, EventStanding], acts: Iterable[EventAct], *, now: datetime
) -> dict[str, EventChanges]:
    """Do acts on events that are locked, each in its turn, and return what became of each event; nobody is woken."""
    by_key: dict[str, list[EventAct]] = {}
    for act in acts:
        by_key.setdefault(act.key, []).append(act)
    made = {key: changes(key, held.get(key, NOT_YET), by_key[key], now) for key in sorted(by_key)}
    for key, change in made.items():
        if change.withdrawn_by is not None:
            values = {"of_key": key, "of_number": change.before.number, "who": change.withdrawn_by, "now": now}
            connection.execute(take_back_statement(), values)
        if change.before != change.after:
            _move(connection, key, change.after)
    _keep(connection, [each for change in made.values() for each in change.stated])
    return made


def _move(connection: sa.Connection, key: str, after: EventStanding) -> None:
    given = {"of_key": key, "to_number": after.number}
    if after.stated_at is None:
        connection.execute(end_statement(), given)
    else:
        connection.execute(state_statement(), {**given, "now": after.stated_at})


def _keep(connection: sa.Connection, stated: Sequence[HeardSignal]) -> None:
    if stated:
        rows = [
            (
                *each[:2],
                moment_text(each.stated_at),
                each.payload,
                each.by,
                moment_text(each.withdrawn_at),
                each.withdrawn_by,
            )
            for each in stated
        ]
        connection.execute(keep_statement(), {"rows": pack(rows)})


@lru_cache
def state_statement() -> sa.Update:
    """Let an event stand."""
    return _event().values(number=_TO_NUMBER, stated_at=sa.bindparam("now", type_=e.stated_at.type))


@lru_cache
def end_statement() -> sa.Update:
    """Let an event stand no longer."""
    return _event().values(number=_TO_NUMBER, stated_at=sa.null())


_TO_NUMBER: Final = sa.bindparam("to_number", type_=e.number.type)


def _event() -> sa.Update:
    return sa.update(events).where(e.key == sa.bindparam("of_key"))


@lru_cache
def take_back_statement() -> sa.Update:
    """Note who withdrew a signal that stood."""
    which = sa.update(event_signals).where(s.key == sa.bindparam("of_key"), s.number == sa.bindparam("of_number"))
    now = sa.bindparam("now", type_=s.withdrawn_at.type)
    return which.values(withdrawn_at=now, withdrawn_by=sa.bindparam("who", type_=s.withdrawn_by.type))


@lru_cache
def keep_statement() -> sa.Insert:
    """Insert the signals that were heard."""
    columns = tuple(event_signals.c)
    return sa.insert(event_signals).from_select([each.name for each in columns], sa.select(json_rows(*columns)))
