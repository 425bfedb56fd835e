"""Wake whom a signal has left, a few hundred processes in a transaction."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from process_manager.store import event_waits, events, notify


def go_on(connection: sa.Connection, key: str, *, now: datetime) -> bool:
    """Wake some of those that wait for an event, and return whether more are left that can be woken now.

    An event that another transaction has locked is left to the next sweep, as is a process.
    """
    standing = events.hold(connection, [key], waits=False).get(key)
    if standing is None:
        return False
    woken = event_waits.wake(connection, key, standing.number, now=now)
    if woken.is_all:
        event_waits.set_left(connection, key, is_left=False)
    if woken.ids:
        notify.hint(connection)
    return bool(woken.ids) and not woken.is_all
