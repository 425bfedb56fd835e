"""Change the schema under load: the change may take its time, but nobody waits behind it for long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import sqlalchemy as sa

from process_manager.database import error_codes
from process_manager.errors import DatabaseUnreachable

T = TypeVar("T")

TRIES: Final = 120
PAUSE: Final = 0.5
"""Seconds between two tries, in which the sessions queued behind the last one proceed."""

SESSION_TIMEOUTS: Final = {
    "postgresql": "SET statement_timeout = 0; SET lock_timeout = '500ms'",
    "mssql": "SET LOCK_TIMEOUT 500",
    "mariadb": "SET SESSION max_statement_time = 0, lock_wait_timeout = 1",
}
"""The first statement on each server."""


@contextmanager
def direct_session(connection: sa.Connection, *, url: str) -> Iterator[None]:
    """Open a block in which a setting outlives its statement; raise DatabaseUnreachable through a pooler."""
    if connection.dialect.name == "postgresql" and connection.connection.driver_connection.is_pooled:  # type: ignore[union-attr]  # our own class of connection
        raise DatabaseUnreachable(
            url=url,
            problem="it is reached through a pooler, through which no schema can be changed safely",
            hint="For this command, set PROCESS_MANAGER_DATABASE_URL to the address of the server itself.",
        )
    yield


def set_session_timeouts(connection: sa.Connection) -> None:
    """Let statements on this connection take as long as they need, but not wait long for a lock.

    A session that waits for the lock of a whole table makes all others wait behind it.
    """
    words = SESSION_TIMEOUTS.get(connection.dialect.name)
    if words is None:
        return
    driver = connection.connection.driver_connection
    if connection.dialect.name == "postgresql":
        driver.call_timeout = None  # type: ignore[union-attr]  # our own class of connection
    elif connection.dialect.name == "mssql":
        driver.timeout = 0  # type: ignore[union-attr]  # pyodbc's
    connection.exec_driver_sql(words)


def retry_while_locked(change: Callable[[], T], *, tries: int) -> T:
    """Try the change again while a lock that it needs is held; what is already done is not repeated.

    Args:
        change: What to do.
        tries: How often to try, in all.

    Returns:
        What `change` returns.
    """
    for _try in range(tries - 1):
        try:
            return change()
        except (sa.exc.DBAPIError, DatabaseUnreachable) as error:
            problem = error if isinstance(error, sa.exc.DBAPIError) else error.__cause__
            if not isinstance(problem, sa.exc.DBAPIError) or error_codes.timeout_reason(problem) is None:
                raise
        threading.Event().wait(PAUSE)
    return change()
