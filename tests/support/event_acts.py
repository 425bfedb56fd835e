"""Short ways to signal and withdraw an event, and to look at who waits."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from rig import execute

from process_manager import inspection, operations
from process_manager.database import Database
from process_manager.errors import NotFound
from process_manager.governance.action import Action
from process_manager.governance.event_actions import SignalEvent, WithdrawEvent

KEY = "paid:1"


def signal(database: Database, key: str = KEY, **options: Any) -> operations.Signalled:
    with database.begin() as connection:
        return operations.signal(connection, key, **options)


def withdraw(database: Database, key: str = KEY) -> bool:
    with database.begin() as connection:
        return operations.withdraw(connection, key)


def waits(database: Database) -> list[tuple[Any, ...]]:
    """Each wait: of which process, the seq of its row, whether it is open, and what woke it."""
    found = "SELECT process_id, seq, is_open, woken_number, woken_seq FROM event_waits ORDER BY process_id, seq"
    return execute(database, found)


def number(database: Database) -> int:
    """How often the event was signalled."""
    found = execute(database, "SELECT number FROM events")
    return found[0][0] if found else 0


def standing(database: Database, _folder: Any) -> WithdrawEvent:
    """The act that withdraws an event that stands."""
    signal(database)
    return WithdrawEvent(KEY)


EVENTS: dict[str, Callable[[Database, Any], Action[Any]]] = {
    "signal": lambda _database, _folder: SignalEvent(KEY, payload={"amount": 7}),
    "withdraw": standing,
}
"""Each act on events, and what has to be there first."""


def no_event(connection: sa.Connection, viewer: inspection.Viewer) -> None:
    """Ask for an event that is not there; a test of its own looks at what is."""
    with suppress(NotFound):
        inspection.event(connection, KEY, viewer=viewer)
