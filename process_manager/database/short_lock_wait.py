"""Connections that wait only briefly for a lock: those of a worker that records for many processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from process_manager.database import postgresql_session

STATEMENTS: Final = {
    "postgresql": f"SET lock_timeout = '{postgresql_session.SHORT_LOCK_TIMEOUT}'",
    "mssql": "SET LOCK_TIMEOUT 250",
    "mariadb": "SET SESSION innodb_lock_wait_timeout = 1",  # it accepts whole seconds only
}
"""Long enough for another worker's commit, short enough to be waited for at every lock.

SQLite's one lock, that of the file, is waited for as usual: nothing could be written beside it.
"""


def limit_lock_waits(connection: sa.Connection) -> None:
    """Make the session behind this connection wait only briefly for any lock."""
    statement = STATEMENTS.get(connection.dialect.name)
    if statement is None or connection.in_transaction():
        return
    driver: Any = connection.connection.dbapi_connection
    if getattr(driver, "opening", None) is not None:  # through a pooler each transaction sets it
        driver.opening = postgresql_session.with_short_lock_timeout(driver.opening)
        return
    cursor = driver.cursor()
    try:
        cursor.execute(statement)
        driver.commit()  # by the driver, as no SQLAlchemy transaction is open
    finally:
        cursor.close()


def wait_briefly(connection: sa.Connection) -> None:
    """Make the transaction that is open wait only briefly for the locks that it still takes."""
    statement = STATEMENTS.get(connection.dialect.name)
    if statement is not None:
        connection.exec_driver_sql(statement.replace("SET lock", "SET LOCAL lock"))


@contextmanager
def limited_lock_waits(connection: sa.Connection) -> Iterator[sa.Connection]:
    """Limit the connection's lock waits during the block; its session is closed after it."""
    limit_lock_waits(connection)
    try:
        yield connection
    finally:
        if connection.dialect.name in STATEMENTS:
            connection.invalidate()
