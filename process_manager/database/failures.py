"""What a database error means: one place that tells the passing ones from the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from process_manager.errors import DatabaseUnreachable

_BUSY = ("database is locked", "database table is locked", "database schema is locked")
_LOCK_TIMEOUT = "(1222)"  # of SQL Server, whose texts are in the language of the login
_LOCK_NOT_AVAILABLE = "55P03"  # of PostgreSQL
_TOO_LATE = frozenset({"HYT00", "HYT01", "57014"})  # of ODBC twice, and of PostgreSQL
_UNUSABLE = {
    "file is not a database": "Name a file that SQLite made, or a new one.",
    "unable to open database file": "Check that the folder exists and that this user may write in it.",
    "attempt to write a readonly database": "Give this user the right to write the file and its folder.",
    "database disk image is malformed": "Restore the file from a backup.",
    "database or disk is full": "Make room on the disk.",
    "disk I/O error": "Check the disk, and that the file is on a disk of this host.",
}


def is_passing(error: sa.exc.DBAPIError) -> bool:
    """Whether the same transaction may succeed when it is run again."""
    return any(text in str(error.orig) for text in _BUSY)


def is_refused_row(error: sa.exc.DBAPIError) -> bool:
    """Whether the database refused what a statement carried, not the statement or the connection."""
    return isinstance(error, sa.exc.IntegrityError | sa.exc.DataError)


def waited(error: sa.exc.DBAPIError) -> str | None:
    """What the database was waited for until the deadline, in words; None when something else is wrong."""
    code = _sqlstate(error.orig)
    if is_passing(error) or code == _LOCK_NOT_AVAILABLE or _LOCK_TIMEOUT in str(error.orig):
        return "another session has kept a lock on what is needed for too long"
    return "it has not answered in time" if code in _TOO_LATE else None


def _sqlstate(problem: BaseException | None) -> object:
    """The code of a driver's error: psycopg and psycopg2 name it, for pyodbc it is the first argument."""
    named = getattr(problem, "sqlstate", None) or getattr(problem, "pgcode", None)
    return named or next(iter(getattr(problem, "args", ())), None)


@contextmanager
def explained(shown: str) -> Iterator[None]:
    """Turns what a person must mend outside this program into DatabaseUnreachable, which says how."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        found = _explanation(error)
        if found is None:
            raise
        problem, cure = found
        raise DatabaseUnreachable(url=shown, problem=problem, cure=cure) from error


def _explanation(error: sa.exc.DBAPIError) -> tuple[str, str] | None:
    text = str(error.orig)
    if is_passing(error):
        return "another program holds its lock", "Close what keeps it open for writing, and try again."
    return next(((words, cure) for words, cure in _UNUSABLE.items() if words in text), None)
