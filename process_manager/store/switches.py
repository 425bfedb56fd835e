"""Switches of the whole fleet."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from process_manager.gates.switches import Switch
from process_manager.store.insert_new import insert_once
from process_manager.store.tables import switches

s = switches.c


def thrown(connection: sa.Connection) -> list[Switch]:
    """Every switch that is thrown, by key, those whose end has come among them."""
    rows = connection.execute(sa.select(s.key, s.reason, s.by, s.since, s.until).order_by(s.key))
    return [Switch(*row, where="database") for row in rows]


def throw(connection: sa.Connection, switch: Switch) -> None:
    """Disable a key, in place of what was said of it before."""
    row = {"key": switch.key, "reason": switch.reason, "by": switch.by, "since": switch.since, "until": switch.until}
    values = {name: sa.null() if value is None else value for name, value in row.items()}
    if not connection.execute(sa.update(switches).where(s.key == switch.key).values(values)).rowcount:
        insert_once(connection, switches, row)  # another's, thrown just now, stands as well


def take_back(connection: sa.Connection, key: str) -> bool:
    """Whether the key was disabled; it no longer is."""
    return bool(connection.execute(sa.delete(switches).where(s.key == key)).rowcount)


def forget_ended(connection: sa.Connection, *, now: datetime) -> None:
    """Remove switches whose end has come."""
    connection.execute(sa.delete(switches).where(s.until <= now))
