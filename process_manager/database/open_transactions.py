"""Which other transactions are open: a long one keeps locks, and keeps old rows from being cleaned up."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager.database import Database, error_codes

LOCK_TIMEOUT: Final = timedelta(milliseconds=500)
"""How long to wait for SQLite's write lock."""


class Open(NamedTuple):
    """How many transactions other sessions have open, how old the oldest is, and how many sessions do not tell."""

    number: int
    oldest: timedelta
    hidden: int


def ask(connection: sa.Connection) -> Open:
    """Return the open transactions of a server; raise DBAPIError when this account may not ask."""
    count, seconds, hidden = connection.exec_driver_sql(OPEN[connection.dialect.name]).one()
    return Open(int(count), timedelta(seconds=float(seconds or 0)), int(hidden or 0))


def is_writing(database: Database) -> bool:
    """Return whether somebody holds the write lock of an SQLite file: nothing more can be found out about it."""
    with database.connect() as connection:
        driver = connection.connection.driver_connection
        if driver is None:  # pragma: no cover - a checked out connection always has one
            raise RuntimeError("the connection is closed")
        before = driver.execute("PRAGMA busy_timeout").fetchone()[0]
        driver.execute(f"PRAGMA busy_timeout = {LOCK_TIMEOUT // timedelta(milliseconds=1)}")
        try:
            connection.begin().rollback()  # IMMEDIATE: it takes the lock and writes nothing
        except sa.exc.OperationalError as error:
            if not error_codes.is_transient(error):
                raise
            return True
        finally:
            driver.execute(f"PRAGMA busy_timeout = {before}")
    return False


OPEN: Final = {
    "postgresql": (
        "SELECT count(xact_start), extract(epoch FROM max(clock_timestamp() - xact_start)),"
        " sum(CASE WHEN query = '<insufficient privilege>' THEN 1 ELSE 0 END)"
        " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    ),
    "mariadb": (
        "SELECT count(*), max(timestampdiff(SECOND, trx_started, now())), 0 FROM information_schema.innodb_trx"
        " WHERE trx_mysql_thread_id <> connection_id()"
    ),
    "mssql": (
        "SELECT count(*), max(datediff(second, t.transaction_begin_time, sysdatetime())), 0"
        " FROM sys.dm_tran_database_transactions d"
        " JOIN sys.dm_tran_active_transactions t ON t.transaction_id = d.transaction_id"
        " JOIN sys.dm_tran_session_transactions s ON s.transaction_id = d.transaction_id"
        " WHERE d.database_id = DB_ID() AND s.is_user_transaction = 1 AND s.session_id <> @@SPID"
    ),
}
