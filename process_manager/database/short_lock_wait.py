"""A connection that waits no longer than a moment for the lock of another session: that of whoever records for many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from process_manager.database import postgresql_session

MOMENTS: Final = {
    "postgresql": f"SET lock_timeout = '{postgresql_session.MOMENT}'",
    "mssql": "SET LOCK_TIMEOUT 250",
    "mariadb": "SET SESSION innodb_lock_wait_timeout = 1",  # it knows whole seconds only
}
"""Long enough for the commit of another worker, short enough to happen for every lock that is met.

On SQLite the one lock there is, that of the file, is waited for as ever: nothing could be written beside it.
"""


def hurry(connection: sa.Connection) -> None:
    """Have the session behind this connection wait for no lock longer than a moment."""
    said = MOMENTS.get(connection.dialect.name)
    if said is None or connection.in_transaction():
        return
    driver: Any = connection.connection.dbapi_connection
    if getattr(driver, "opening", None) is not None:  # through a pooler each transaction says so
        driver.opening = postgresql_session.hurried(driver.opening)
        return
    cursor = driver.cursor()
    try:
        cursor.execute(said)
        driver.commit()  # by the driver: it is no transaction of ours
    finally:
        cursor.close()


@contextmanager
def hurried(connection: sa.Connection) -> Iterator[sa.Connection]:
    """The connection in a hurry for as long as the block; nobody has that session after it."""
    hurry(connection)
    try:
        yield connection
    finally:
        if connection.dialect.name in MOMENTS:
            connection.invalidate()
