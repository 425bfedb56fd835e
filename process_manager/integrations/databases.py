"""Databases other than the engine's own: the office's tables and queues that steps work on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from process_manager.database import (
    error_codes,
    mssql_python,
    server_engine,
    sqlite,
    sqlserver,
    sqlserver_null_parameters,
    transaction_guard,
    url_parsing,
)
from process_manager.errors import DatabaseUnreachable, SettingsError
from process_manager.redaction import redact_text, safe_url

if TYPE_CHECKING:
    from pydantic import SecretStr

CALL_TIMEOUT: Final = timedelta(seconds=20)
"""The timeout of connecting, and of a statement."""

LOCK_TIMEOUT: Final = timedelta(seconds=15)
"""The timeout of waiting for another session's lock: shorter, because this error names the reason."""

_POSTGRESQL: Final = ("postgresql+psycopg", "postgresql+psycopg2")

_SET_UNLESS_BY_CLIENT: Final = (
    "SELECT set_config(name, '{1}', {2}) FROM pg_settings WHERE name = '{0}' AND source <> 'client'"
)


@dataclass(frozen=True, slots=True)
class OutsideDatabase:
    """A database of the office, named by its setting: an error on it says in one sentence that it cannot be used."""

    setting: str
    url: str

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Open a write transaction: committed at the end of the block, rolled back when it raises."""
        with self._explained(), engine(self.url).begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a read transaction, which on SQLite waits for no writer."""
        reading = engine(self.url).execution_options(sqlite_begin="BEGIN")
        with self._explained(), reading.begin() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            problem = error_codes.timeout_reason(error) or redact_text(str(error.orig).strip())
            hint = "Nothing is lost: try again when it answers."
            raise DatabaseUnreachable(url=f"of {self.setting}", problem=problem, hint=hint) from error


def is_lock_timeout(error: DatabaseUnreachable) -> bool:
    """Return whether another session kept a row or a table for too long, and nothing else is wrong."""
    return isinstance(error.__cause__, sa.exc.DBAPIError) and error_codes.is_lock_timeout(error.__cause__)


def outside(url: SecretStr | None, setting: str) -> OutsideDatabase:
    """Return the database that a setting names; raise SettingsError when it names none."""
    if url is None:
        raise SettingsError(
            where=setting, problem="it is not set", hint="Set it to the database's URL, such as sqlite:///invoices.db."
        )
    return OutsideDatabase(setting, url.get_secret_value())


@cache
def engine(url: str) -> sa.Engine:
    """Return the engine of this URL, one per process; it keeps no idle connection open.

    Args:
        url: An SQLAlchemy URL.

    Raises:
        DatabaseUnreachable: The file does not exist, the URL is wrong, or its driver is not installed.
    """
    parsed = url_parsing.read(url, example="one such as mssql+pyodbc://… or sqlite:///….")
    shown = safe_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _existing_file(parsed, shown)
    with server_engine.driver_needed(shown):
        server_engine.require_options(parsed, shown)
        return _server(parsed, shown)


def connect_args(url: URL) -> Mapping[str, Any]:
    """Return the options for connecting, which give every call a timeout; those in the URL take precedence."""
    seconds = int(CALL_TIMEOUT.total_seconds())
    if url.get_backend_name() == "mssql":
        return {"timeout": seconds}
    if url.drivername not in _POSTGRESQL:
        return {}
    given: dict[str, Any] = {"client_encoding": "utf8"}
    if url.drivername == "postgresql+psycopg":
        given["prepare_threshold"] = None  # no connection is kept, and a pooler would give it to somebody else
    return given if "connect_timeout" in url.normalized_query else {**given, "connect_timeout": seconds}


def set_formats_and_timeouts(driver: Any, _record: object) -> None:
    """Set PostgreSQL's formats of datetimes to what the driver reads, and timeouts unless the client has set them.

    Through a pooler this holds for this statement alone: the session may be another client's next.
    """
    alone = f"pg_backend_pid() <> {driver.info.backend_pid}"
    formats = f"SELECT set_config('DateStyle', 'ISO, MDY', {alone}), set_config('IntervalStyle', 'postgres', {alone})"
    limits = {"statement_timeout": _milliseconds(CALL_TIMEOUT), "lock_timeout": _milliseconds(LOCK_TIMEOUT)}
    driver.autocommit = True
    cursor = driver.cursor()
    cursor.execute(
        "; ".join([formats, *(_SET_UNLESS_BY_CLIENT.format(name, value, alone) for name, value in limits.items())])
    )
    cursor.close()
    driver.autocommit = False


def limit_statements(driver: Any, _record: object) -> None:
    """Set SQL Server's timeouts, and make every error roll its transaction back."""
    driver.timeout = int(CALL_TIMEOUT.total_seconds())
    cursor = driver.cursor()
    cursor.execute(f"SET XACT_ABORT ON; SET LOCK_TIMEOUT {_milliseconds(LOCK_TIMEOUT)}")
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
        sa.event.listen(made, "connect", set_formats_and_timeouts)
    return made


def _milliseconds(length: timedelta) -> int:
    return length // timedelta(milliseconds=1)


def _existing_file(parsed: URL, shown: str) -> sa.Engine:
    from pathlib import Path

    made = sqlite.foreign_engine(parsed, call_timeout=CALL_TIMEOUT, shown=shown)  # checks the URL; opens nothing
    if not Path(str(parsed.database)).is_file():
        raise DatabaseUnreachable(
            url=shown,
            problem=f"there is no file {parsed.database}",
            hint="Check the path; the file is not created automatically.",
        )
    return made
