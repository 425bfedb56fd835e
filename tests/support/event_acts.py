"""Short ways to signal and withdraw an event, and to look at who waits."""

from typing import Any

from rig import execute

from process_manager import operations
from process_manager.database import Database

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
