"""The switches that hold for the whole fleet."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from process_manager.gates.switches import Switch
from process_manager.store.insert_new import insert_once
from process_manager.store.tables import switches

s = switches.c


def thrown(connection: sa.Connection) -> list[Switch]:
    """Return every switch in the database by key, including those whose end has passed."""
    rows = connection.execute(sa.select(s.key, s.reason, s.by, s.since, s.until).order_by(s.key))
    return [Switch(*row, where="database") for row in rows]


def throw(connection: sa.Connection, switch: Switch) -> None:
    """Disable a key; an earlier switch on the key is replaced."""
    row = {"key": switch.key, "reason": switch.reason, "by": switch.by, "since": switch.since, "until": switch.until}
    values = {name: sa.null() if value is None else value for name, value in row.items()}
    if not connection.execute(sa.update(switches).where(s.key == switch.key).values(values)).rowcount:
        insert_once(connection, switches, row)  # one that somebody else has thrown just now is as good


def take_back(connection: sa.Connection, key: str) -> bool:
    """Enable a key again.

    Returns:
        Whether it was disabled.
    """
    return bool(connection.execute(sa.delete(switches).where(s.key == key)).rowcount)


def forget_ended(connection: sa.Connection, *, now: datetime) -> None:
    """Delete switches whose end has passed."""
    connection.execute(sa.delete(switches).where(s.until <= now))
