"""Make rows that another open transaction may be making: a record does not wait for that transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa

from process_manager.database import error_codes

SHORT: Final = "20ms"
"""How long PostgreSQL waits: it has no insert that waits for nobody."""


def at_once(connection: sa.Connection, make: Callable[[], None]) -> bool:
    """Insert new rows, and return whether that was done; False where another transaction has to end first.

    SQLite has one writer, and SQL Server shows rows that are not committed: nobody tries to make those there.
    """
    how = _WAYS.get(connection.dialect.name)
    try:
        if how is None:
            make()
        else:
            how(connection, make)
    except sa.exc.DBAPIError as problem:
        if how is None or not error_codes.is_lock_timeout(problem):
            raise
        return False
    return True


def _on_postgresql(connection: sa.Connection, make: Callable[[], None]) -> None:
    before = connection.execute(sa.text("SELECT current_setting('lock_timeout')")).scalar_one()
    with connection.begin_nested():  # where it is undone, so is the setting
        _limit(connection, SHORT)
        make()
        _limit(connection, before)


def _limit(connection: sa.Connection, to: str) -> None:
    connection.execute(sa.text("SELECT set_config('lock_timeout', :to, true)"), {"to": to})


def _on_mariadb(connection: sa.Connection, make: Callable[[], None]) -> None:
    before = connection.execute(sa.text("SELECT @@SESSION.innodb_lock_wait_timeout")).scalar_one()
    connection.execute(sa.text("SET SESSION innodb_lock_wait_timeout = 0"))
    try:
        make()  # what waits too long is undone by itself, and nothing else of the transaction
    finally:
        connection.execute(sa.text(f"SET SESSION innodb_lock_wait_timeout = {int(before)}"))


_WAYS: Final = {"postgresql": _on_postgresql, "mariadb": _on_mariadb}
