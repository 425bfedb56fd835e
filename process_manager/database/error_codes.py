"""What a database error means, by the number or code that the database gives it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from process_manager.database import error_advice, mssql_python, transient_errors
from process_manager.errors import DatabaseUnreachable, ProcessManagerError

BROKEN: Final = frozenset({
    "08S01", "08000", "08001", "08003", "08004", "08006", "08007", "08P01",  # ODBC and PostgreSQL
    "1927", "2006", "2013",  # MariaDB: killed, gone away, lost
})  # fmt: skip
"""The connection broke, could not be made, or cannot be used any more."""

_READ_ONLY: Final = frozenset({
    "25006",  # PostgreSQL: a read-only transaction, a standby, one that recovers
    "1290", "1792", "1836", "1874",  # MariaDB: --read-only, a read-only transaction, the server or InnoDB started so
    "3906", "3908", "976", "978", "983",  # SQL Server: the database, its recovery, a secondary
    "SQLITE_READONLY",
})  # fmt: skip
"""The session accepts no writes, and may stay so while others accept them again.

That depends on the role, the host or the file it was opened with. What it refused has not happened.
"""

_FULL: Final = frozenset({
    "53100",  # PostgreSQL
    "1021", "1026", "1114",  # MariaDB: the disk, a file, a table
    "1101", "42000/1105", "9002",  # SQL Server: tempdb, the files (of MariaDB: anything), the log
    "SQLITE_FULL",
})  # fmt: skip
"""The disk is full: nobody can write until there is room."""

_UNUSABLE_SESSION: Final = BROKEN | _READ_ONLY | transient_errors.SESSION_ENDED | {"SQLITE_IOERR"}

_ROLLED_BACK: Final = _READ_ONLY | {
    "40001", "40P01", "1205", "1213", "3960", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "53100",
}  # fmt: skip

_LOCK_TIMEOUT: Final = frozenset({
    "SQLITE_BUSY", "SQLITE_LOCKED",
    "55P03",  # PostgreSQL: lock_timeout
    "1222",  # SQL Server: LOCK_TIMEOUT
    "1205",  # MariaDB: innodb_lock_wait_timeout (of SQL Server: a deadlock)
})  # fmt: skip
_TIMEOUT: Final = frozenset({"57014", "HYT00", "HYT01", "1969", "20003"})  # PostgreSQL, ODBC twice, MariaDB, FreeTDS
_ABOUT_NO_ROW: Final = transient_errors.UNAVAILABLE | transient_errors.OUT_OF_RESOURCES | transient_errors.RETRY
_TRANSIENT: Final = _UNUSABLE_SESSION | _FULL | _LOCK_TIMEOUT | _TIMEOUT | _ABOUT_NO_ROW | {
    # PostgreSQL: serialization, deadlock, too many connections
    "40001", "40P01", "53300",
    # SQL Server: deadlock (of MariaDB: lock wait), snapshot conflict, broken connections
    "1205", "3960", "10053", "10054", "10060", "233", "64",
    # MariaDB: deadlock, too many connections, not there (by socket, by address)
    "1213", "1040", "2002", "2003",
    "SQLITE_CANTOPEN",
}  # fmt: skip
"""The transaction was rolled back, or its fate is unknown: run again, it may succeed."""

_REFUSED_ROW: Final = frozenset({
    "547", "515", "2601", "2627", "2628", "8115", "8152",  # SQL Server: constraints, too long, out of range
    "1048", "1062", "1264", "1366", "1406", "1452", "4025",  # MariaDB: the same
})  # fmt: skip

_CODES_ABOUT_NO_ROW: Final = frozenset({
    "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_PERM", "SQLITE_AUTH", "SQLITE_SCHEMA",
    "208", "207", "823", "824", "825", "3313", "3314",  # SQL Server: no table or column, a bad disk or log
    "SQLDriverConnect",  # any error while connecting
    "1146", "1054", "1044", "1142", "1143", "1030", "1036", "1194", "3",  # MariaDB: the same
})  # fmt: skip
_CLASSES_ABOUT_NO_ROW: Final = frozenset({"26", "28", "3D", "3F", "42", "53", "58"})
"""PostgreSQL: a statement that cannot be run, permissions, no such table, no memory, a bad disk."""

_MAKE_ROOM: Final = "Free space on the server's disk."
_WRITE_AGAIN: Final = "Wait until it is neither a standby nor read-only, or name the primary server."
_UNUSABLE: Final = {
    "file is not a database": "Name an SQLite file, or a new one.",
    "unable to open database file": "Check that the folder exists and that this user may write to it.",
    "attempt to write a readonly database": "Let this user write to the file and its folder.",
    "database disk image is malformed": "Restore the file from a backup.",
    "database or disk is full": "Free space on the disk.",
    "disk I/O error": "Check the disk, and that the file is on a disk of this host.",
}


class RolledBack(sa.exc.PendingRollbackError, sa.exc.DBAPIError):
    """The error that refuses everything in a transaction that the database rolled back; `orig` is the reason."""

    code = ""  # SQLAlchemy's documentation has no page about it

    def __init__(self, problem: sa.exc.DBAPIError, database: str) -> None:
        reason = f"{database} rolled this transaction back after the error: {message(problem)}"
        hint = "Nothing of it was kept: roll back, and run all of it again."
        sa.exc.StatementError.__init__(self, f"{reason}. {hint}", None, None, problem.orig, hide_parameters=True)


_ODBC_NUMBER: Final = re.compile(r"\((\d+)\) \(SQL\w+\)")
_CONNECTING: Final = "(SQLDriverConnect)"


def codes(error: sa.exc.DBAPIError) -> frozenset[str]:
    """Return what the database calls this error: its native number where the driver has one, and its SQLSTATE."""
    problem = error.orig
    named = getattr(problem, "sqlstate", None) or getattr(problem, "pgcode", None)
    found = [named, _sqlite(problem), *_odbc(getattr(problem, "args", ())), *mssql_python.codes(problem)]
    return frozenset(str(code) for code in found if code)


def _sqlite(problem: BaseException | None) -> str:
    """Return SQLITE_BUSY for SQLITE_BUSY_SNAPSHOT: which kind of busy it is makes no difference."""
    return "_".join(getattr(problem, "sqlite_errorname", "").split("_")[:2])


def _odbc(facts: tuple[object, ...]) -> list[str]:
    """Return the SQLSTATE and native numbers of pyodbc's error: (state, text), the text in the login's language."""
    if len(facts) < 2 or not isinstance(facts[0], str):
        return []
    numbers = _ODBC_NUMBER.findall(str(facts[1]))
    connecting = [_CONNECTING.strip("()")] if _CONNECTING in str(facts[1]) else []
    # An SQLSTATE such as 40001 or 42000 says less than the number: one driver's deadlock is another's syntax error.
    if any(number != "0" for number in numbers):
        return [*numbers, *(f"{facts[0]}/{number}" for number in numbers), *connecting]
    return [facts[0], *connecting]


def is_transient(error: sa.exc.DBAPIError) -> bool:
    """Return whether the same transaction may succeed when it is run again."""
    return bool(codes(error) & _TRANSIENT) or is_broken(error)


def is_broken(error: sa.exc.DBAPIError) -> bool:
    """Return whether the connection is lost: if it was committing a transaction, that one's fate is unknown."""
    found = codes(error)
    no_code = isinstance(error, sa.exc.OperationalError) and not found
    # A read-only session is dropped, too, but it has said so: the fate of what it refused is known.
    is_certain = isinstance(error, RolledBack) or bool(found & _READ_ONLY)
    return not is_certain and (error.connection_invalidated or no_code or bool(found & BROKEN))


def is_disconnected(error: BaseException) -> bool:
    """Return whether no connection could be made, or it was lost: by the error itself or by its cause."""
    problem = error if isinstance(error, sa.exc.DBAPIError) else error.__cause__
    return isinstance(problem, sa.exc.DBAPIError) and is_broken(problem)


def is_unusable(error: sa.exc.DBAPIError) -> bool:
    """Return whether the session cannot be used any more, although it may answer: a new one may succeed."""
    return bool(codes(error) & _UNUSABLE_SESSION)


def drop_unusable_sessions(engine: sa.Engine) -> None:
    """Make an engine drop every session that cannot be used any more, and those in its pool older than the error."""

    @sa.event.listens_for(engine, "handle_error")
    def drop(context: sa.ExceptionContext) -> None:
        # SQLAlchemy recognises pyodbc's broken connections by texts that MariaDB's driver never uses.
        problem = context.sqlalchemy_exception
        if isinstance(problem, sa.exc.DBAPIError) and is_unusable(problem):
            context.is_disconnect = True


def was_rolled_back(error: sa.exc.DBAPIError) -> bool:
    """Return whether the database says that nothing is left of a transaction that was being committed."""
    return isinstance(error, RolledBack) or bool(codes(error) & _ROLLED_BACK)


def is_lock_timeout(error: sa.exc.DBAPIError) -> bool:
    """Return whether another session's lock on a row was waited for in vain; SQLite locks only the whole file."""
    return bool(codes(error) & _LOCK_TIMEOUT - {"SQLITE_BUSY", "SQLITE_LOCKED"})


def concerns_any_row(error: Exception) -> bool:
    """Return whether the error would meet any other row as well: it is transient, or of the database or account."""
    if not isinstance(error, sa.exc.DBAPIError):
        # Our own errors are about the whole database, SQLAlchemy's about the connection.
        return isinstance(error, ProcessManagerError | sa.exc.InvalidRequestError)
    found = codes(error)
    of_no_row = (
        bool(found & _CODES_ABOUT_NO_ROW)
        or error_advice.is_known(found)
        or any(len(each) == 5 and each[:2] in _CLASSES_ABOUT_NO_ROW for each in found)
    )
    is_missing = str(error.orig).startswith("no such ")  # SQLite: a table or a column
    return is_transient(error) or of_no_row or is_missing


def is_refused_row(error: sa.exc.DBAPIError) -> bool:
    """Return whether the database refused the values of a statement, not the statement or the connection."""
    return isinstance(error, sa.exc.IntegrityError | sa.exc.DataError) or bool(codes(error) & _REFUSED_ROW)


def timeout_reason(error: sa.exc.DBAPIError) -> str | None:
    """Return what was waited for until the timeout, in words; None when something else is wrong."""
    found = codes(error)
    if found & _LOCK_TIMEOUT:
        return "another session has held a lock that is needed here for too long"
    return "it has not answered in time" if found & _TIMEOUT else None


def message(error: BaseException) -> str:
    """Return the database's own message, without the row or the document that PostgreSQL adds below it."""
    if not isinstance(error, sa.exc.DBAPIError):
        cause = getattr(error, "orig", None) or error  # SQLAlchemy wraps what its parameters raised
        return str(cause) if isinstance(cause, ProcessManagerError) else f"{type(cause).__name__}: {cause}"
    if isinstance(error, RolledBack):
        return str(error)
    primary = getattr(getattr(error.orig, "diag", None), "message_primary", None)
    return str(primary or error.orig)


@contextmanager
def explained(shown: str) -> Iterator[None]:
    """Turn an error that a person must fix outside this program into DatabaseUnreachable, which says how."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        better = error_advice.explain(codes(error), message(error), shown)
        if better is not None:
            raise better from error
        found = _explanation(error)
        if found is None:
            raise
        problem, hint = found
        raise DatabaseUnreachable(url=shown, problem=problem, hint=hint) from error


def _explanation(error: sa.exc.DBAPIError) -> tuple[str, str] | None:
    text, found = message(error), codes(error)
    if found & _LOCK_TIMEOUT:
        return "another program holds its lock", "Close the program that writes to it, and try again."
    for words, hint in _UNUSABLE.items():
        if words in text:
            return words, hint
    if found & (_READ_ONLY | _FULL):
        return f"it accepts no writes now ({_line(text)})", _WRITE_AGAIN if found & _READ_ONLY else _MAKE_ROOM
    if is_broken(error) or found & _TRANSIENT or _is_refused_login(error):
        problem = f"it cannot be reached or does not answer ({_line(text)})"
        return problem, "Check that it runs, its address and the account."
    return None


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def _is_refused_login(error: sa.exc.DBAPIError) -> bool:
    """Return whether the server knows no such account, password or database."""
    return any(code[:2] == "28" or code in ("3D000", "4060", "18456", "1044", "1045", "1049") for code in codes(error))
