"""Queries for schedules: what is next, and one of them locked while a slot of it is started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from process_manager.store import sqlserver_hints as hints
from process_manager.store.filters import Kinds
from process_manager.store.insert_new import insert_once
from process_manager.store.schedule_tables import schedules

CODE: Final = "code"
"""Who made a schedule that a class declares, and who paused one that none declares any more."""

s = schedules.c


class WaitingSchedule(NamedTuple):
    """A schedule that is to start something, and who can: that version of that process, or a later one."""

    name: str
    process: str
    version: int | None
    next_at: datetime


def waiting(connection: sa.Connection) -> list[WaitingSchedule]:
    """Return the schedules that are to start something, the earliest first."""
    return [WaitingSchedule(*row) for row in connection.execute(waiting_statement())]


@lru_cache
def waiting_statement() -> sa.Select[Any]:
    """Select the next slot of each schedule."""
    columns = (s.name, s.process, s.version, s.next_at)
    return sa.select(*columns).where(s.next_at.is_not(None), s.paused_at.is_(None)).order_by(s.next_at, s.name)


def take(connection: sa.Connection, name: str) -> sa.RowMapping | None:
    """Lock a schedule that is to start something; None where there is none, or another transaction holds it."""
    return connection.execute(take_statement(), {"name": name}).mappings().one_or_none()


@lru_cache
def take_statement() -> sa.Select[Any]:
    """Lock the row of a schedule unless somebody else has."""
    is_this = s.name == sa.bindparam("name", type_=s.name.type)
    found = sa.select(schedules).where(is_this, s.next_at.is_not(None), s.paused_at.is_(None))
    return hints.on(found, schedules, hints.SKIP_LOCKED).with_for_update(skip_locked=True)


def move(connection: sa.Connection, name: str, *, since: datetime, values: Mapping[str, Any]) -> bool:
    """Write what came of the slots from a moment on, and return whether nobody else had."""
    moved = sa.update(schedules).where(s.name == name, s.next_at == since).values(_given(values))
    return bool(connection.execute(moved).rowcount)


def one(connection: sa.Connection, name: str, *, locked: bool = False) -> sa.RowMapping | None:
    """Return a schedule, with `locked` locked until the commit; None where there is none."""
    found = sa.select(schedules).where(s.name == name)
    if locked:
        found = hints.on(found.with_for_update(), schedules, hints.LOCK)
    return connection.execute(found).mappings().one_or_none()


def every(connection: sa.Connection, *, kinds: Kinds = None) -> Sequence[sa.RowMapping]:
    """Return all schedules of some kinds of process, by name."""
    found = sa.select(schedules).order_by(s.name)
    if kinds is not None:
        found = found.where(s.process.in_(sorted(kinds)))
    return connection.execute(found).mappings().all()


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> bool:
    """Insert a schedule, and return whether there was none of its name."""
    return insert_once(connection, schedules, row)


def change(connection: sa.Connection, name: str, values: Mapping[str, Any]) -> None:
    """Change some columns of a schedule."""
    connection.execute(sa.update(schedules).where(s.name == name).values(_given(values)))


def delete(connection: sa.Connection, name: str) -> None:
    """Delete a schedule."""
    connection.execute(sa.delete(schedules).where(s.name == name))


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sa.null() if value is None else value for name, value in values.items()}
