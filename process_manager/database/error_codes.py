"""What a database error means, by the number or code that the database itself gives it."""

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
"""The connection broke, could not be made, or is of no use any more."""

_READ_ONLY: Final = frozenset({
    "25006",  # PostgreSQL: a read-only transaction, a standby, one that recovers
    "1290", "1792", "1836", "1874",  # MariaDB: --read-only, a read-only transaction, the server or InnoDB started so
    "3906", "3908", "976", "978", "983",  # SQL Server: the database, its recovery, a secondary
    "SQLITE_READONLY",
})  # fmt: skip
"""The session takes no writes, and may go on so when others do again: by the role, the host or the file it was opened
with. What it refused it did not do."""

_FULL: Final = frozenset({
    "53100",  # PostgreSQL
    "1021", "1026", "1114",  # MariaDB: the disk, a file, a table
    "1101", "42000/1105", "9002",  # SQL Server: tempdb, the files (of MariaDB: anything), the log
    "SQLITE_FULL",
})  # fmt: skip
"""There is no room on the disk: nobody can write anything until there is."""

_USELESS: Final = BROKEN | _READ_ONLY | transient_errors.ENDED | {"SQLITE_IOERR"}

_TAKEN_BACK: Final = _READ_ONLY | {
    "40001", "40P01", "1205", "1213", "3960", "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "53100",
}  # fmt: skip

_WAITED_FOR_A_LOCK: Final = frozenset({
    "SQLITE_BUSY", "SQLITE_LOCKED",
    "55P03",  # PostgreSQL: lock_timeout
    "1222",  # SQL Server: LOCK_TIMEOUT
    "1205",  # MariaDB: innodb_lock_wait_timeout (of SQL Server: a deadlock)
})  # fmt: skip
_TOO_LATE: Final = frozenset({"57014", "HYT00", "HYT01", "1969", "20003"})  # PostgreSQL, ODBC twice, MariaDB, FreeTDS
_SAID_OF_NO_ROW: Final = transient_errors.AWAY | transient_errors.SHORT | transient_errors.ANEW
_PASSING: Final = _USELESS | _FULL | _WAITED_FOR_A_LOCK | _TOO_LATE | _SAID_OF_NO_ROW | {
    # PostgreSQL: serialization, deadlock, too many connections
    "40001", "40P01", "53300",
    # SQL Server: deadlock (of MariaDB: lock wait), snapshot conflict, broken connections
    "1205", "3960", "10053", "10054", "10060", "233", "64",
    # MariaDB: deadlock, too many connections, not there (by socket, by address)
    "1213", "1040", "2002", "2003",
    "SQLITE_CANTOPEN",
}  # fmt: skip
"""The transaction was taken back, or its fate is not known: run anew, it may succeed."""

_REFUSED_ROW: Final = frozenset({
    "547", "515", "2601", "2627", "2628", "8115", "8152",  # SQL Server: constraints, too long, out of range
    "1048", "1062", "1264", "1366", "1406", "1452", "4025",  # MariaDB: the same
})  # fmt: skip

_OF_NOBODY: Final = frozenset({
    "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_PERM", "SQLITE_AUTH", "SQLITE_SCHEMA",
    "208", "207", "823", "824", "825", "3313", "3314",  # SQL Server: no table or column, a bad disk or log
    "SQLDriverConnect",  # whatever is said while a connection is made
    "1146", "1054", "1044", "1142", "1143", "1030", "1036", "1194", "3",  # MariaDB: the same
})  # fmt: skip
_CLASSES_OF_NOBODY: Final = frozenset({"26", "28", "3D", "3F", "42", "53", "58"})
"""PostgreSQL: a statement that cannot be run, rights, no such table, no memory, a bad disk."""

_MAKE_ROOM: Final = "Make room on the disk of the server."
_WRITE_AGAIN: Final = "Wait until it is no standby and not set to read-only, or name the server that is written to."
_UNUSABLE: Final = {
    "file is not a database": "Name a file that SQLite made, or a new one.",
    "unable to open database file": "Check that the folder exists and that this user may write in it.",
    "attempt to write a readonly database": "Give this user the right to write the file and its folder.",
    "database disk image is malformed": "Restore the file from a backup.",
    "database or disk is full": "Make room on the disk.",
    "disk I/O error": "Check the disk, and that the file is on a disk of this host.",
}


class TakenBack(sa.exc.PendingRollbackError, sa.exc.DBAPIError):
    """What is refused in a transaction that the database took back, until a rollback; `orig` is why it did."""

    code = ""  # SQLAlchemy has no page about it

    def __init__(self, problem: sa.exc.DBAPIError, database: str) -> None:
        said = f"{database} took this transaction back when it said: {told(problem)}"
        cure = "Nothing of it is left: roll it back, and do all of it anew."
        sa.exc.StatementError.__init__(self, f"{said}. {cure}", None, None, problem.orig, hide_parameters=True)


_ODBC_NUMBER: Final = re.compile(r"\((\d+)\) \(SQL\w+\)")
_CONNECTING: Final = "(SQLDriverConnect)"


def codes(error: sa.exc.DBAPIError) -> frozenset[str]:
    """What the database calls this error: a native number where the driver tells one, and its SQLSTATE."""
    problem = error.orig
    named = getattr(problem, "sqlstate", None) or getattr(problem, "pgcode", None)
    found = [named, _sqlite(problem), *_odbc(getattr(problem, "args", ())), *mssql_python.codes(problem)]
    return frozenset(str(code) for code in found if code)


def _sqlite(problem: BaseException | None) -> str:
    """SQLITE_BUSY of SQLITE_BUSY_SNAPSHOT: what kind of busy it is makes no difference."""
    return "_".join(getattr(problem, "sqlite_errorname", "").split("_")[:2])


def _odbc(facts: tuple[object, ...]) -> list[str]:
    """The SQLSTATE and the native numbers of pyodbc's error: (state, text), the text in the language of the login."""
    if len(facts) < 2 or not isinstance(facts[0], str):
        return []
    numbers = _ODBC_NUMBER.findall(str(facts[1]))
    called = [_CONNECTING.strip("()")] if _CONNECTING in str(facts[1]) else []
    # A class such as 40001 or 42000 says less than the number: one driver's deadlock is another's syntax error.
    if any(number != "0" for number in numbers):
        return [*numbers, *(f"{facts[0]}/{number}" for number in numbers), *called]
    return [facts[0], *called]


def is_passing(error: sa.exc.DBAPIError) -> bool:
    """Whether the same transaction may succeed when it is run again."""
    return bool(codes(error) & _PASSING) or is_broken(error)


def is_broken(error: sa.exc.DBAPIError) -> bool:
    """Whether the connection is gone: of a transaction that was being committed, nobody knows the fate."""
    found = codes(error)
    no_code = isinstance(error, sa.exc.OperationalError) and not found
    # A session that takes no writes is given up, too, but it said so: of what it refused the fate is known.
    is_told = isinstance(error, TakenBack) or bool(found & _READ_ONLY)
    return not is_told and (error.connection_invalidated or no_code or bool(found & BROKEN))


def is_cut_off(error: BaseException) -> bool:
    """Whether no connection could be had, or it was lost, by the error or by what it explains."""
    problem = error if isinstance(error, sa.exc.DBAPIError) else error.__cause__
    return isinstance(problem, sa.exc.DBAPIError) and is_broken(problem)


def is_useless(error: sa.exc.DBAPIError) -> bool:
    """Whether the session is of no use any more, though it may answer: another one may do what it cannot."""
    return bool(codes(error) & _USELESS)


def drop_useless(engine: sa.Engine) -> None:
    """Have an engine give up every session that is of no use, and those in its pool that are older than the error."""

    @sa.event.listens_for(engine, "handle_error")
    def note(context: sa.ExceptionContext) -> None:
        # What SQLAlchemy takes for a broken connection of pyodbc's are texts that MariaDB's driver never says.
        problem = context.sqlalchemy_exception
        if isinstance(problem, sa.exc.DBAPIError) and is_useless(problem):
            context.is_disconnect = True


def was_taken_back(error: sa.exc.DBAPIError) -> bool:
    """Whether the database says, of a transaction that was being committed, that nothing of it is left."""
    return isinstance(error, TakenBack) or bool(codes(error) & _TAKEN_BACK)


def is_locked_out(error: sa.exc.DBAPIError) -> bool:
    """Whether a row was waited for that another session keeps; of SQLite's one lock nothing can be kept out."""
    return bool(codes(error) & _WAITED_FOR_A_LOCK - {"SQLITE_BUSY", "SQLITE_LOCKED"})


def meets_any(error: Exception) -> bool:
    """Whether it is no fault of what was to be written: it may pass, or is the database's, or the account's."""
    if not isinstance(error, sa.exc.DBAPIError):
        # Ours to say of the whole database, or SQLAlchemy's of the connection.
        return isinstance(error, ProcessManagerError | sa.exc.InvalidRequestError)
    found = codes(error)
    of_nobody = (
        bool(found & _OF_NOBODY)
        or error_advice.is_known(found)
        or any(len(each) == 5 and each[:2] in _CLASSES_OF_NOBODY for each in found)
    )
    is_lacking = str(error.orig).startswith("no such ")  # SQLite: a table or a column
    return is_passing(error) or of_nobody or is_lacking


def is_refused_row(error: sa.exc.DBAPIError) -> bool:
    """Whether the database refused what a statement carried, not the statement or the connection."""
    return isinstance(error, sa.exc.IntegrityError | sa.exc.DataError) or bool(codes(error) & _REFUSED_ROW)


def waited(error: sa.exc.DBAPIError) -> str | None:
    """What the database was waited for until the deadline, in words; None when something else is wrong."""
    found = codes(error)
    if found & _WAITED_FOR_A_LOCK:
        return "another session has kept a lock on what is needed for too long"
    return "it has not answered in time" if found & _TOO_LATE else None


def told(error: BaseException) -> str:
    """What is wrong as the database says it, without the row or the document that PostgreSQL shows below it."""
    if not isinstance(error, sa.exc.DBAPIError):
        cause = getattr(error, "orig", None) or error  # SQLAlchemy says what its parameters raised, and more
        return str(cause) if isinstance(cause, ProcessManagerError) else f"{type(cause).__name__}: {cause}"
    if isinstance(error, TakenBack):
        return str(error)
    said = getattr(getattr(error.orig, "diag", None), "message_primary", None)
    return str(said or error.orig)


@contextmanager
def explained(shown: str) -> Iterator[None]:
    """Turns what a person must mend outside this program into DatabaseUnreachable, which says how."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        better = error_advice.explain(codes(error), told(error), shown)
        if better is not None:
            raise better from error
        found = _explanation(error)
        if found is None:
            raise
        problem, cure = found
        raise DatabaseUnreachable(url=shown, problem=problem, cure=cure) from error


def _explanation(error: sa.exc.DBAPIError) -> tuple[str, str] | None:
    text, found = told(error), codes(error)
    if found & _WAITED_FOR_A_LOCK:
        return "another program holds its lock", "Close what keeps it open for writing, and try again."
    for words, cure in _UNUSABLE.items():
        if words in text:
            return words, cure
    if found & (_READ_ONLY | _FULL):
        return f"it takes no writes now ({_line(text)})", _WRITE_AGAIN if found & _READ_ONLY else _MAKE_ROOM
    if is_broken(error) or found & _PASSING or _is_refused_login(error):
        problem = f"it cannot be reached or does not answer ({_line(text)})"
        return problem, "Check that it runs, its address and the account."
    return None


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def _is_refused_login(error: sa.exc.DBAPIError) -> bool:
    """No such account, password or database, as each server says it."""
    return any(code[:2] == "28" or code in ("3D000", "4060", "18456", "1044", "1045", "1049") for code in codes(error))
