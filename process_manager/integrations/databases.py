"""Databases that are not the engine's own: the office's tables and queues that steps work on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from process_manager.database import (
    mssql_python,
    server_engine,
    sqlite,
    sqlserver,
    sqlserver_null_parameters,
    transaction_guard,
    url_parsing,
)
from process_manager.errors import DatabaseUnreachable
from process_manager.redaction import safe_url

DEADLINE: Final = timedelta(seconds=20)
"""How long a connection may take to be made, and a statement to be answered."""

LOCK_DEADLINE: Final = timedelta(seconds=15)
"""How long a statement waits for another session's lock: less than in all, for this error says why."""

_POSTGRESQL: Final = ("postgresql+psycopg", "postgresql+psycopg2")

_UNLESS_TOLD: Final = "SELECT set_config(name, '{1}', {2}) FROM pg_settings WHERE name = '{0}' AND source <> 'client'"


@cache
def engine(url: str) -> sa.Engine:
    """The engine of this URL, one per process; it keeps no idle connection open.

    DatabaseUnreachable when the file is missing, or the driver that the URL needs is not installed.
    """
    parsed = url_parsing.read(url, example="one such as mssql+pyodbc://… or sqlite:///….")
    shown = safe_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _existing_file(parsed, shown)
    with server_engine.driver_needed(shown):
        server_engine.require_options(parsed, shown)
        return _server(parsed, shown)


def connect_args(url: URL) -> Mapping[str, Any]:
    """What the driver is told when it connects, so that no call waits without end; what the URL says goes first."""
    seconds = int(DEADLINE.total_seconds())
    if url.get_backend_name() == "mssql":
        return {"timeout": seconds}
    if url.drivername not in _POSTGRESQL:
        return {}
    given: dict[str, Any] = {"client_encoding": "utf8"}
    if url.drivername == "postgresql+psycopg":
        given["prepare_threshold"] = None  # no connection is kept, and a pooler would hand it to somebody else
    return given if "connect_timeout" in url.normalized_query else {**given, "connect_timeout": seconds}


def speak(driver: Any, _record: object) -> None:
    """Have PostgreSQL write moments as the driver reads them, and give up what waits too long unless it was told when.

    Through a pooler it holds for this statement alone: the session may be another client's next.
    """
    alone = f"pg_backend_pid() <> {driver.info.backend_pid}"
    speech = f"SELECT set_config('DateStyle', 'ISO, MDY', {alone}), set_config('IntervalStyle', 'postgres', {alone})"
    limits = {"statement_timeout": _milliseconds(DEADLINE), "lock_timeout": _milliseconds(LOCK_DEADLINE)}
    driver.autocommit = True
    cursor = driver.cursor()
    cursor.execute("; ".join([speech, *(_UNLESS_TOLD.format(name, value, alone) for name, value in limits.items())]))
    cursor.close()
    driver.autocommit = False


def limit_statements(driver: Any, _record: object) -> None:
    """Have SQL Server give up what waits too long, and take back the whole transaction of a statement that fails."""
    driver.timeout = int(DEADLINE.total_seconds())
    cursor = driver.cursor()
    cursor.execute(f"SET XACT_ABORT ON; SET LOCK_TIMEOUT {_milliseconds(LOCK_DEADLINE)}")
    cursor.close()


def _server(url: URL, shown: str) -> sa.Engine:
    url = url.set(drivername=f"{url.get_backend_name()}+{url.get_driver_name()}")  # mssql alone means mssql+pyodbc
    made = sa.create_engine(url, hide_parameters=True, poolclass=sa.NullPool, connect_args=dict(connect_args(url)))
    transaction_guard.guard(made, aborts=url.get_backend_name() == "mssql")
    if url.drivername == mssql_python.NAME:
        mssql_python.prepare(made, shown)
    if url.get_backend_name() == "mssql":
        sa.event.listen(made, "connect", limit_statements)
        sqlserver.make_savepoints_hold(made)
        sqlserver_null_parameters.watch(made)
    if url.drivername in _POSTGRESQL:
        sa.event.listen(made, "connect", speak)
    return made


def _milliseconds(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


def _existing_file(parsed: URL, shown: str) -> sa.Engine:
    from pathlib import Path

    made = sqlite.foreign_engine(parsed, deadline=DEADLINE, shown=shown)  # it checks the URL, and opens nothing
    if not Path(str(parsed.database)).is_file():
        raise DatabaseUnreachable(
            url=shown, problem=f"there is no file {parsed.database}", cure="Check the path; it is never made by itself."
        )
    return made
