"""Which transactions are open beside this one: a long one keeps locks, and keeps old rows from being cleared away."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager.database import Database, error_codes

PATIENCE: Final = timedelta(milliseconds=500)
"""How long the write lock of SQLite is waited for."""


class Open(NamedTuple):
    """How many transactions other sessions have open, and for how long the oldest; `hidden` sessions do not tell."""

    number: int
    oldest: timedelta
    hidden: int


def ask(connection: sa.Connection) -> Open:
    """The open transactions of a server; DBAPIError when this account may not ask."""
    count, seconds, hidden = connection.exec_driver_sql(OPEN[connection.dialect.name]).one()
    return Open(int(count), timedelta(seconds=float(seconds or 0)), int(hidden or 0))


def is_writing(database: Database) -> bool:
    """Whether somebody keeps the write lock of an SQLite file: all that can be asked of it."""
    with database.connect() as connection:
        driver = connection.connection.driver_connection
        if driver is None:  # pragma: no cover - a checked out connection always has one
            raise RuntimeError("the connection is closed")
        before = driver.execute("PRAGMA busy_timeout").fetchone()[0]
        driver.execute(f"PRAGMA busy_timeout = {PATIENCE // timedelta(milliseconds=1)}")
        try:
            connection.begin().rollback()  # IMMEDIATE: it takes the lock, and writes nothing
        except sa.exc.OperationalError as error:
            if not error_codes.is_passing(error):
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
