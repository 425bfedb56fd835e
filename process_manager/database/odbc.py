"""ODBC drivers: SQL Server is reached by one that has to be named, and that has to be installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote_plus

from sqlalchemy.engine import URL

from process_manager.errors import DatabaseUnreachable

NONE: Final = 'No ODBC driver is installed here: install Microsoft\'s "ODBC Driver 18 for SQL Server" first.'


def require_driver(url: URL, shown: str) -> None:
    """DatabaseUnreachable when the URL names a server by its host but no driver: nothing could reach it."""
    if url.get_backend_name() != "mssql" or not (url.host and url.database):
        return  # a data source of the system knows its driver
    if any(name.lower() in ("driver", "odbc_connect", "dsn") for name in url.query):
        return
    raise DatabaseUnreachable(url=shown, problem="it names no ODBC driver", cure=cure(_installed()))


def cure(drivers: Sequence[str]) -> str:
    """How to name a driver, with those that are there."""
    if not drivers:
        return f"Add ?driver=ODBC+Driver+18+for+SQL+Server to it. {NONE}"
    best = next((name for name in reversed(drivers) if "SQL Server" in name), "ODBC Driver 18 for SQL Server")
    return f"Add ?driver={quote_plus(best)} to it. Installed here: {', '.join(drivers)}."


def drivers_here() -> str:
    """What to say where the named driver is not there."""
    found = _installed()
    return f"Name one of these in driver=…: {', '.join(found)}." if found else NONE


def _installed() -> Sequence[str]:
    import pyodbc  # not where it is not used: unixODBC may not be there

    return sorted(pyodbc.drivers())
