"""Databases that are not the engine's own: the office's tables and queues that steps work on."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from process_manager.database import sqlite
from process_manager.errors import DatabaseUnreachable
from process_manager.redaction import safe_url

DEADLINE = timedelta(seconds=20)


@cache
def engine(url: str) -> sa.Engine:
    """The engine of this URL, one per process; it keeps no idle connection open.

    DatabaseUnreachable when the file is missing, or the driver that the URL needs is not installed.
    """
    parsed = _parsed(url)
    shown = safe_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _existing_file(parsed, shown)
    try:
        return sa.create_engine(parsed, hide_parameters=True, poolclass=sa.NullPool)
    except ModuleNotFoundError as error:
        raise DatabaseUnreachable(
            url=shown, problem=f"the driver {error.name!r} is not installed", cure=f"Run pip install {error.name}."
        ) from error
    except ImportError as error:  # pyodbc is there, the ODBC manager below it is not
        raise DatabaseUnreachable(
            url=shown,
            problem=f"the driver cannot be loaded ({error})",
            cure="Install the ODBC manager: on Debian apt-get install unixodbc, on Windows it is part of the system.",
        ) from error


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except sa.exc.ArgumentError:
        raise DatabaseUnreachable(
            url=safe_url(url),
            problem="it is no database URL",
            cure="Write one such as mssql+pyodbc://… or sqlite:///….",
        ) from None


def _existing_file(parsed: URL, shown: str) -> sa.Engine:
    from pathlib import Path

    if parsed.database and not Path(parsed.database).is_file():
        raise DatabaseUnreachable(
            url=shown, problem=f"there is no file {parsed.database}", cure="Check the path; it is never made by itself."
        )
    return sqlite.foreign_engine(parsed, deadline=DEADLINE, shown=shown)
