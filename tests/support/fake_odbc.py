"""What stands in for `pyodbc` beneath SQLAlchemy's `mssql+pyodbc`: a fake with state at the edge of the driver.

    with fake_odbc.installed(Server(tmp_path)) as server:      # or the fixture `odbc`
        database = connect(fake_odbc.URL)                      # the engine's; foreign.engine(fake_odbc.URL) is as well
        server.script = lambda said: Answer(count=1)           # or raise Fault(1205); None: SQLite answers

It behaves as Microsoft's driver and its server do: with `autocommit` off a transaction begins with the first
statement; an error takes the whole of it back under XACT_ABORT, and tells nobody; a savepoint does not outlive that
(6401); more than 2,100 parameters are refused (07002); a None costs a round trip more. `server` keeps what was sent and
what was committed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from types import ModuleType
from typing import Any, Final

from fake_server import Answer, Fault, Server, Session, Statement

URL: Final = "mssql+pyodbc://office:secret@db.example.dk/pm?driver=ODBC+Driver+18+for+SQL+Server"

MICROSOFT: Final = "[Microsoft][ODBC Driver 18 for SQL Server][SQL Server]"
FREETDS: Final = "[FreeTDS][SQL Server]"

MOST_PARAMETERS: Final = 2_100


class Error(Exception):
    """As pyodbc's: its arguments are the SQLSTATE and a text with the server's number in it."""


class DatabaseError(Error): ...


class InterfaceError(Error): ...


class OperationalError(DatabaseError): ...


class ProgrammingError(DatabaseError): ...


class IntegrityError(DatabaseError): ...


class DataError(DatabaseError): ...


class InternalError(DatabaseError): ...


class NotSupportedError(DatabaseError): ...


_CLASSES: Final = {
    "01002": OperationalError, "0A000": NotSupportedError, "28000": InterfaceError, "40002": IntegrityError,
    "08": OperationalError, "22": DataError, "23": IntegrityError, "24": ProgrammingError, "25": ProgrammingError,
    "42": ProgrammingError, "HY001": OperationalError, "HY014": OperationalError, "HYT": OperationalError,
    "IM": InterfaceError,
}  # fmt: skip
"""pyodbc's own table: what is not in it, such as a deadlock's 40001, is an Error and nothing else."""


def error(fault: Fault, driver: str = MICROSOFT, *, call: str = "SQLExecDirectW") -> Error:
    """What pyodbc raises for what the server says, as this ODBC driver tells it."""
    state = "42000" if driver == FREETDS and fault.number else fault.state
    kind = next((kind for begin, kind in _CLASSES.items() if state.startswith(begin)), Error)
    return kind(state, f"[{state}] {driver}{fault.text} ({fault.number}) ({call})")


class Cursor:
    """One statement at a time."""

    fast_executemany = False
    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._answer = Answer()
        self._sizes: tuple[Any, ...] = ()
        self._left: Iterator[Sequence[Any]] = iter(())

    @property
    def description(self) -> list[tuple[Any, ...]] | None:
        """As DBAPI says."""
        return [(name, str, None, 0, 0, 0, True) for name in self._answer.columns] or None

    @property
    def rowcount(self) -> int:
        """As DBAPI says."""
        return self._answer.count

    def execute(self, text: str, *values: Any) -> Cursor:
        """Send it; its parameters are one sequence, or follow one by one."""
        one = len(values) == 1 and isinstance(values[0], list | tuple)
        given = tuple(values[0] if one else values)
        self._answer = self.connection.send(Statement(text, given, self._sizes))
        self._sizes = ()
        self._left = iter(self._answer.rows)
        return self

    def executemany(self, text: str, several: Sequence[Sequence[Any]]) -> Cursor:
        """Send it once for each."""
        for values in several:
            self.execute(text, values)
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        return next((tuple(row) for row in self._left), None)

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """The next rows."""
        return [tuple(row) for row in islice(self._left, size)]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left."""
        return [tuple(row) for row in self._left]

    def nextset(self) -> bool:
        """Whether there is another result: there never is, but there may be what went wrong behind the first."""
        answer, self._answer = self._answer, Answer()
        if answer.behind:
            raise error(answer.behind, call="SQLMoreResults")
        return False

    def setinputsizes(self, sizes: Sequence[Any]) -> None:
        """Keep them for the next statement; they keep the driver from asking about no None."""
        self._sizes = tuple(sizes)

    def close(self) -> None:
        """Forget the answer."""
        self._left = iter(())


class Connection:
    """A session on the server."""

    timeout = 0  # seconds; 0: none

    def __init__(self, server: Server, *, autocommit: bool = False) -> None:
        self.session = Session(server)
        self.autocommit = autocommit
        self.closed = False

    def send(self, said: Statement) -> Answer:
        """What the server answers; an error as pyodbc raises it."""
        self._require_open()
        if len(said.values) > MOST_PARAMETERS or len(said.values) != said.text.count("?"):
            raise _own_error("07002", "COUNT field incorrect or syntax error")  # the server hears nothing of it
        if None in said.values:
            self.session.describe(said)  # SQLDescribeParam
        return self._told(self.session.run, said, by_itself=self.autocommit)

    def commit(self) -> None:
        """Commit the transaction that is open now; without one, nothing."""
        self._require_open()
        self._told(self.session.commit)

    def rollback(self) -> None:
        """Take it back; without one, nothing."""
        self._require_open()
        self._told(self.session.rollback)

    def close(self) -> None:
        """End the session; what is not committed is taken back."""
        self.closed = True
        self.session.close()

    def cursor(self) -> Cursor:
        """Something to send statements by."""
        self._require_open()
        return Cursor(self)

    def execute(self, text: str, *values: Any) -> Cursor:
        """Send it by a cursor of its own."""
        return self.cursor().execute(text, *values)

    def add_output_converter(self, *_which: Any) -> None:
        """Everything comes as it is."""

    def _told(self, call: Any, *given: Any, **options: Any) -> Any:
        try:
            return call(*given, **options)
        except Fault as fault:
            raise error(fault) from fault

    def _require_open(self) -> None:
        if self.closed:
            raise ProgrammingError("Attempt to use a closed connection.")
        if self.session.is_gone:
            raise _own_error("08S01", "Communication link failure")


def _own_error(state: str, text: str) -> Error:
    """What the driver says by itself: there is no [SQL Server] in it."""
    return error(Fault(0, text, state=state), MICROSOFT.removesuffix("[SQL Server]"))


def module(server: Server) -> ModuleType:
    """What `import pyodbc` gives, with this server wherever one connects to."""
    made: Any = ModuleType("pyodbc")
    kinds = (DatabaseError, InterfaceError, OperationalError, ProgrammingError, IntegrityError, DataError)
    for kind in (Error, InternalError, NotSupportedError, Connection, Cursor, *kinds):
        setattr(made, kind.__name__, kind)
    made.version, made.paramstyle, made.apilevel, made.threadsafety = "5.2.0", "qmark", "2.0", 1
    made.STRING, made.NUMBER, made.DATETIME, made.BINARY = str, float, datetime, bytearray
    made.SQL_VARCHAR, made.SQL_WVARCHAR, made.Binary, made.BinaryNull = 12, -9, bytes, None
    made.connect = lambda _text, *, autocommit=False, **_options: Connection(server, autocommit=autocommit)
    made.drivers = lambda: ["ODBC Driver 18 for SQL Server"]
    made.dataSources = lambda: {"office": "ODBC Driver 18 for SQL Server", "Old": "FreeTDS"}
    return made  # type: ignore[no-any-return]


@contextmanager
def installed(server: Server) -> Iterator[Server]:
    """Let whoever imports pyodbc get this one, for as long as the block."""
    before = sys.modules.get("pyodbc")
    sys.modules["pyodbc"] = module(server)
    try:
        yield server
    finally:
        del sys.modules["pyodbc"]
        if before is not None:
            sys.modules["pyodbc"] = before
