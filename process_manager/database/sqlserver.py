"""SQL Server through Microsoft's ODBC driver, which pyodbc finds and mssql-python brings along."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from process_manager.database import mssql_python

SESSION_OPTIONS: Final = (
    "SET XACT_ABORT ON; SET ANSI_NULLS, QUOTED_IDENTIFIER, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT,"
    " CONCAT_NULL_YIELDS_NULL ON;"
    " SET NUMERIC_ROUNDABORT OFF; SET DATEFORMAT ymd; SET ROWCOUNT 0; SET TEXTSIZE 2147483647"
)
"""The options of a session, whatever login, driver or server say.

Filtered indexes refuse writes without them, datetimes are read in this order, and no result is truncated.
"""

DECLARED_LENGTH: Final = 4_000
"""The length that texts are declared with, the longest with a limit; a character may take two of its units."""

_SAVEPOINTS: Final = "process_manager.savepoints"


def options(url: URL, *, call_timeout: timedelta) -> dict[str, Any]:
    """Return the engine's options: READ COMMITTED whatever the server's default, because SNAPSHOT refuses READPAST."""
    seconds = max(1, int(call_timeout.total_seconds()))
    made = {"connect_args": {"timeout": seconds}, "isolation_level": "READ COMMITTED"}
    # fast_executemany guesses the types of all rows from the first; mssql-python has no such option.
    return made if url.drivername == mssql_python.NAME else {**made, "fast_executemany": False}


def prepare(engine: sa.Engine, *, call_timeout: timedelta, **_: str) -> None:
    """Set the timeouts of every session, and make every error roll its transaction back."""
    seconds = max(1, int(call_timeout.total_seconds() / 2))

    @sa.event.listens_for(engine, "connect")
    def limited(driver: Any, _record: Any) -> None:
        driver.timeout = seconds
        cursor = driver.cursor()
        cursor.execute(f"{SESSION_OPTIONS}; SET LOCK_TIMEOUT {seconds * 500}")
        cursor.close()

    make_savepoints_hold(engine)
    if engine.dialect.driver == "pyodbc":
        sa.event.listen(engine, "do_setinputsizes", _declare_one_length)


def _declare_one_length(sizes: dict[Any, Any], _cursor: object, _text: str, _values: object, context: Any) -> None:
    """Hide the length of a text from the server, which would otherwise keep a plan for each combination of lengths."""
    kind = context.dialect.dbapi.SQL_WVARCHAR
    for bind in [bind for bind, found in sizes.items() if found == kind]:
        name = context.compiled.bind_names[bind]
        values = [each.get(name) for each in context.compiled_parameters]
        is_long = any(isinstance(each, str) and len(each) > DECLARED_LENGTH // 2 for each in values)
        sizes[bind] = (kind, 0 if is_long else DECLARED_LENGTH, 0)


def make_savepoints_hold(engine: sa.Engine) -> None:
    """Turn XACT_ABORT off while there is a savepoint: with it, no savepoint survives the error it was made for."""
    sa.event.listen(engine, "savepoint", _on_savepoint)
    sa.event.listen(engine, "release_savepoint", _on_release)
    sa.event.listen(engine, "rollback_savepoint", _on_release)
    sa.event.listen(engine, "rollback", _on_rollback)


def _on_savepoint(connection: sa.Connection, _name: str | None) -> None:
    is_first = connection.get_nested_transaction() is None
    if is_first:
        connection.exec_driver_sql("SET XACT_ABORT OFF")
    connection.info[_SAVEPOINTS] = 1 if is_first else connection.info[_SAVEPOINTS] + 1


def _on_release(connection: sa.Connection, _name: str, _context: object) -> None:
    if connection.invalidated:
        return
    connection.info[_SAVEPOINTS] = remaining = connection.info.get(_SAVEPOINTS, 1) - 1
    if not remaining:
        _abort_again(connection)


def _on_rollback(connection: sa.Connection) -> None:
    if not (connection.invalidated or connection.closed) and connection.info.pop(_SAVEPOINTS, 0):
        _abort_again(connection)


def _abort_again(connection: sa.Connection) -> None:
    """Turn XACT_ABORT on again, by the driver: SQLAlchemy refuses statements in a failed transaction."""
    try:
        cursor = connection.connection.cursor()
        cursor.execute("SET XACT_ABORT ON")
        cursor.close()
    except connection.dialect.loaded_dbapi.Error as problem:
        connection.invalidate(problem)  # the session must not be used again; closing it rolls back
