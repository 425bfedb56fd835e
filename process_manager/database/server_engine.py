"""Engines on database servers: the driver found, connections kept for a while, no call without an end."""

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
"""The servers that the engine's own tables may lie on, and the driver of each, where the URL names none."""

_INSTALL: Final = {
    "psycopg": "pip install 'psycopg[binary]'",
    "pyodbc": "pip install pyodbc",
    "mssql_python": "pip install mssql-python",
}
_MODULES: Final = {"postgresql": "postgresql", "mssql": "sqlserver", "mariadb": "mariadb"}


def engine(url: URL, *, deadline: timedelta, shown: str) -> sa.Engine:
    """The engine of a server's database; DatabaseUnreachable when its driver is missing or is not one of ours."""
    name = url.get_backend_name()
    drivername = DIALECTS[name] if url.drivername == name else url.drivername
    if drivername not in (DIALECTS[name], mssql_python.NAME):
        raise DatabaseUnreachable(
            url=shown, problem=f"its driver is {url.get_driver_name()}", cure=f"Write {DIALECTS[name]}://…."
        )
    if _lacks_database(url):
        raise DatabaseUnreachable(url=shown, problem="it names no database", cure="Write its name: …@host:port/name.")
    with driver_needed(shown):
        require_what_it_takes(url, shown)
        dialect = _dialect(name)
        made = sa.create_engine(
            (mariadb.place(url) if name == "mariadb" else url).set(drivername=drivername),
            hide_parameters=True,
            max_overflow=-1,  # a thread that needs a connection is never told to wait for another's
            pool_pre_ping=True,
            pool_recycle=1800,
            **dialect.options(url, deadline=deadline),
        )
    if drivername == mssql_python.NAME:
        mssql_python.prepare(made, shown)
    error_codes.drop_useless(made)
    transaction_guard.keep(made)
    dialect.prepare(made, deadline=deadline, shown=shown)
    return made


def _lacks_database(url: URL) -> bool:
    """Whether the account's own or the server's default would get our tables."""
    elsewhere = {"dbname", "service", "dsn", "odbc_connect", "database"} & {name.lower() for name in url.query}
    by_source = url.get_backend_name() == "mssql" and url.drivername != mssql_python.NAME
    is_source = by_source and "driver" not in url.query  # one of the system knows its database
    return not (url.database or elsewhere or is_source)


def require_what_it_takes(url: URL, shown: str) -> None:
    """DatabaseUnreachable when the URL names no ODBC driver where one is needed, or a word that libpq would repeat."""
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
                problem="behind its ? stands a word that its driver does not know",
                cure=f"Write sslmode=require or the like; in a password there, write & as %26. {url_parsing.ENCODE}",
            )


def _dialect(name: str) -> ModuleType:
    return import_module(f"process_manager.database.{_MODULES[name]}")


@contextmanager
def driver_needed(shown: str) -> Iterator[None]:
    """Turns a driver that is not there into DatabaseUnreachable, which says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        cure = _INSTALL.get(str(error.name), f"pip install {error.name}")
        raise DatabaseUnreachable(
            url=shown, problem=f"the driver {error.name!r} is not installed", cure=f"Run {cure}."
        ) from error
    except sa.exc.NoSuchModuleError as error:
        raise DatabaseUnreachable(
            url=shown,
            problem="its first word names no database and driver that are known here",
            cure="Write postgresql+psycopg://…, mssql+pyodbc://… or mariadb+pyodbc://….",
        ) from error
    except ImportError as error:  # pyodbc is there, the ODBC manager below it is not
        raise DatabaseUnreachable(
            url=shown,
            problem=f"the driver cannot be loaded ({error})",
            cure="Install the ODBC manager: on Debian apt-get install unixodbc, on Windows it is part of the system.",
        ) from error
