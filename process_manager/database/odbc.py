"""ODBC drivers: the one for SQL Server has to be named in the URL and installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote_plus

from sqlalchemy.engine import URL

from process_manager.errors import DatabaseUnreachable

NONE: Final = 'No ODBC driver is installed here: install Microsoft\'s "ODBC Driver 18 for SQL Server" first.'


MICROSOFTS: Final = "Microsoft's ODBC Driver 17 or 18 for SQL Server"


def require_driver(url: URL, shown: str) -> None:
    """Raise DatabaseUnreachable when the URL names no driver where one is needed, or one that cannot do the work."""
    if url.get_backend_name() != "mssql":
        return
    if "tds" in _named(url).lower():
        problem = f"its ODBC driver, FreeTDS, refuses texts of 2,000 characters and more. Use {MICROSOFTS}"
        raise DatabaseUnreachable(url=shown, problem=problem, hint="Write ?driver=ODBC+Driver+18+for+SQL+Server.")
    if not (url.host and url.database):
        return  # a system data source names its driver
    if any(name.lower() in ("driver", "odbc_connect", "dsn") for name in url.query):
        return
    raise DatabaseUnreachable(url=shown, problem="it names no ODBC driver", hint=hint(_installed()))


def _named(url: URL) -> str:
    """Return the driver that the URL names, directly or by a data source of the system; empty when that is unknown."""
    given = {name.lower(): str(value) for name, value in url.query.items()}
    words = dict(word.lower().partition("=")[::2] for word in given.get("odbc_connect", "").split(";"))
    driver = given.get("driver") or words.get("driver")
    source = given.get("dsn") or words.get("dsn") or (url.host if url.host and not url.database else None)
    if driver or not source:
        return driver or ""
    import pyodbc  # only when used: unixODBC may not be installed

    known = {name.lower(): str(about) for name, about in pyodbc.dataSources().items()}
    return known.get(source.lower(), "")


def hint(drivers: Sequence[str]) -> str:
    """Return how to name a driver in the URL, with those that are installed."""
    if not drivers:
        return f"Add ?driver=ODBC+Driver+18+for+SQL+Server to it. {NONE}"
    best = next((name for name in reversed(drivers) if "SQL Server" in name), "ODBC Driver 18 for SQL Server")
    return f"Add ?driver={quote_plus(best)} to it. Installed here: {', '.join(drivers)}."


def drivers_here() -> str:
    """Return what to do when the named driver is not installed."""
    found = _installed()
    return f"Name one of these in driver=…: {', '.join(found)}." if found else NONE


def _installed() -> Sequence[str]:
    import pyodbc  # only when used: unixODBC may not be installed

    return sorted(pyodbc.drivers())
