"""Engines on database servers: find the driver, pool connections, set timeouts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from types import ModuleType
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import URL

from process_manager.database import error_codes, mariadb, mssql_python, odbc, transaction_guard, url_parsing
from process_manager.errors import DatabaseUnreachable

DIALECTS: Final = {"postgresql": "postgresql+psycopg", "mssql": "mssql+pyodbc", "mariadb": "mariadb+pyodbc"}
"""The servers that may hold the engine's tables, with the default driver of each."""

_INSTALL: Final = {
    "psycopg": "pip install 'psycopg[binary]'",
    "pyodbc": "pip install pyodbc",
    "mssql_python": "pip install mssql-python",
}
_MODULES: Final = {"postgresql": "postgresql", "mssql": "sqlserver", "mariadb": "mariadb"}


def engine(url: URL, *, call_timeout: timedelta, shown: str) -> sa.Engine:
    """Create the engine for a server's database.

    Raises:
        DatabaseUnreachable: Its driver is missing or is not one of ours, or the URL cannot be used.
    """
    name = url.get_backend_name()
    drivername = DIALECTS[name] if url.drivername == name else url.drivername
    if drivername not in (DIALECTS[name], mssql_python.NAME):
        raise DatabaseUnreachable(
            url=shown, problem=f"its driver is {url.get_driver_name()}", hint=f"Write {DIALECTS[name]}://…."
        )
    if _lacks_database(url):
        raise DatabaseUnreachable(url=shown, problem="it names no database", hint="Write its name: …@host:port/name.")
    with driver_needed(shown):
        require_options(url, shown)
        dialect = _dialect(name)
        made = sa.create_engine(
            (mariadb.odbc_url(url) if name == "mariadb" else url).set(drivername=drivername),
            hide_parameters=True,
            max_overflow=-1,  # no thread ever waits for another's connection
            pool_pre_ping=True,
            pool_recycle=1800,
            **dialect.options(url, call_timeout=call_timeout),
        )
    if drivername == mssql_python.NAME:
        mssql_python.prepare(made, shown)
    error_codes.drop_unusable_sessions(made)
    transaction_guard.guard(made)
    dialect.prepare(made, call_timeout=call_timeout, shown=shown)
    return made


def _lacks_database(url: URL) -> bool:
    """Return whether the URL names no database, so that the account's or the server's default would get our tables."""
    elsewhere = {"dbname", "service", "dsn", "odbc_connect", "database"} & {name.lower() for name in url.query}
    by_source = url.get_backend_name() == "mssql" and url.drivername != mssql_python.NAME
    is_source = by_source and "driver" not in url.query  # a system data source names its database
    return not (url.database or elsewhere or is_source)


def require_options(url: URL, shown: str) -> None:
    """Raise DatabaseUnreachable when the URL lacks a required ODBC driver, or has an option that libpq would quote."""
    if url.drivername == mssql_python.NAME:
        mssql_python.require(url, shown)
        return
    odbc.require_driver(url, shown)
    if url.get_backend_name() == "postgresql" and url.query:
        from psycopg import pq

        known = {each.keyword.decode() for each in pq.Conninfo.get_defaults()}
        if not known | {"autocommit", "prepare_threshold"} >= set(url.query):
            raise DatabaseUnreachable(
                url=shown,
                problem="it has an option after the ? that its driver does not know",
                hint=f"Write options such as sslmode=require; in a password, write & as %26. {url_parsing.ENCODE}",
            )


def _dialect(name: str) -> ModuleType:
    return import_module(f"process_manager.database.{_MODULES[name]}")


@contextmanager
def driver_needed(shown: str) -> Iterator[None]:
    """Turn a missing driver into DatabaseUnreachable, which says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        hint = _INSTALL.get(str(error.name), f"pip install {error.name}")
        raise DatabaseUnreachable(
            url=shown, problem=f"the driver {error.name!r} is not installed", hint=f"Run {hint}."
        ) from error
    except sa.exc.NoSuchModuleError as error:
        raise DatabaseUnreachable(
            url=shown,
            problem="it begins with a database or driver that is unknown here",
            hint="Write postgresql+psycopg://…, mssql+pyodbc://… or mariadb+pyodbc://….",
        ) from error
    except ImportError as error:  # pyodbc is installed, the ODBC manager that it needs is not
        raise DatabaseUnreachable(
            url=shown,
            problem=f"the driver cannot be loaded ({error})",
            hint="Install the ODBC manager: on Debian apt-get install unixodbc, on Windows it is part of the system.",
        ) from error
