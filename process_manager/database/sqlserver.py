"""SQL Server, reached by Microsoft's ODBC driver, which pyodbc finds or mssql-python brings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from process_manager.database import mssql_python

OURS: Final = (
    "SET XACT_ABORT ON; SET ANSI_NULLS, QUOTED_IDENTIFIER, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT,"
    " CONCAT_NULL_YIELDS_NULL ON;"
    " SET NUMERIC_ROUNDABORT OFF; SET DATEFORMAT ymd; SET ROWCOUNT 0; SET TEXTSIZE 2147483647"
)
"""What a session is told, whatever login, driver or server say: filtered indexes refuse to be written to otherwise,
moments are read in this order, and an answer is never cut."""

FIXED: Final = 4_000
"""What a text is declared as, the longest that is not without a bound; each character may be two of its units."""

_POINTS: Final = "process_manager.savepoints"


def options(url: URL, *, deadline: timedelta) -> dict[str, Any]:
    """What the engine is made with: READ COMMITTED whatever the server's default, for SNAPSHOT refuses READPAST."""
    seconds = max(1, int(deadline.total_seconds()))
    made = {"connect_args": {"timeout": seconds}, "isolation_level": "READ COMMITTED"}
    # fast_executemany guesses the types of all rows from the first; the other driver has none.
    return made if url.drivername == mssql_python.NAME else {**made, "fast_executemany": False}


def prepare(engine: sa.Engine, *, deadline: timedelta, **_: str) -> None:
    """Give every statement an end, and take back the whole transaction of one that fails."""
    seconds = max(1, int(deadline.total_seconds() / 2))

    @sa.event.listens_for(engine, "connect")
    def limited(driver: Any, _record: Any) -> None:
        driver.timeout = seconds
        cursor = driver.cursor()
        cursor.execute(f"{OURS}; SET LOCK_TIMEOUT {seconds * 500}")
        cursor.close()

    make_savepoints_hold(engine)
    if engine.dialect.driver == "pyodbc":
        sa.event.listen(engine, "do_setinputsizes", _of_fixed_size)


def _of_fixed_size(sizes: dict[Any, Any], _cursor: object, _text: str, _values: object, context: Any) -> None:
    """Tell the server nothing of how long a text is: it would make and keep a plan for each combination of lengths."""
    kind = context.dialect.dbapi.SQL_WVARCHAR
    for bind in [bind for bind, found in sizes.items() if found == kind]:
        name = context.compiled.bind_names[bind]
        values = [each.get(name) for each in context.compiled_parameters]
        is_long = any(isinstance(each, str) and len(each) > FIXED // 2 for each in values)
        sizes[bind] = (kind, 0 if is_long else FIXED, 0)


def make_savepoints_hold(engine: sa.Engine) -> None:
    """Have XACT_ABORT off while there is a savepoint: under it no savepoint outlives the error it was made for."""
    sa.event.listen(engine, "savepoint", _enter)
    sa.event.listen(engine, "release_savepoint", _leave)
    sa.event.listen(engine, "rollback_savepoint", _leave)
    sa.event.listen(engine, "rollback", _leave_all)


def _enter(connection: sa.Connection, _name: str | None) -> None:
    is_first = connection.get_nested_transaction() is None
    if is_first:
        connection.exec_driver_sql("SET XACT_ABORT OFF")
    connection.info[_POINTS] = 1 if is_first else connection.info[_POINTS] + 1


def _leave(connection: sa.Connection, _name: str, _context: object) -> None:
    if connection.invalidated:
        return
    connection.info[_POINTS] = left = connection.info.get(_POINTS, 1) - 1
    if not left:
        _abort_again(connection)


def _leave_all(connection: sa.Connection) -> None:
    if not (connection.invalidated or connection.closed) and connection.info.pop(_POINTS, 0):
        _abort_again(connection)


def _abort_again(connection: sa.Connection) -> None:
    """By the driver: what is asked of a transaction that failed is refused, and this is of its session."""
    try:
        cursor = connection.connection.cursor()
        cursor.execute("SET XACT_ABORT ON")
        cursor.close()
    except connection.dialect.loaded_dbapi.Error as problem:
        connection.invalidate(problem)  # no such session may be used again, and what it holds is undone with it
