"""A transaction is whole or nothing: once a database has taken it back, nothing is done or committed in its place.

PostgreSQL itself refuses what follows an error, but ends a COMMIT then in a rollback without a word. SQL Server under
XACT_ABORT, MariaDB after a deadlock and SQLite on a full disk take the transaction back, and begin a new one with the
next statement: what came after the error would be committed, and what came before it not.

This costs nothing until there is an error: only then is a connection listened to, until its rollback.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from contextlib import suppress
from typing import Any, Final
from weakref import WeakSet, WeakValueDictionary

import sqlalchemy as sa
from sqlalchemy.engine import Dialect, RootTransaction

from process_manager.database.error_codes import TakenBack, codes

_KEPT: WeakSet[Dialect] = WeakSet()  # whose errors are heard

_UNDO: Final = "ROLLBACK"
"""How a statement begins that takes back, to a savepoint or all, on every database."""


def keep(engine: sa.Engine, *, aborts: bool = True, only: Container[RootTransaction] | None = None) -> None:
    """Have every transaction of this engine be whole or nothing; or `only` those of a caller's that acts are part of.

    SQL Server is asked whether XACT_ABORT is on in the session, unless `aborts` says that it always is.
    """
    if engine.dialect in _KEPT:
        return
    _KEPT.add(engine.dialect)

    @sa.event.listens_for(engine, "handle_error")
    def hear(context: sa.ExceptionContext) -> TakenBack | None:
        connection, problem = context.connection, context.sqlalchemy_exception
        if connection is None or context.is_disconnect or not isinstance(problem, sa.exc.DBAPIError):
            return None  # SQLAlchemy itself lets nothing be done on a connection that is lost, until a rollback
        transaction = connection.get_transaction()
        if transaction is None or (only is not None and transaction not in only):
            return None
        return _heard(connection, context, problem, aborts)


def _heard(
    connection: sa.Connection, context: sa.ExceptionContext, problem: sa.exc.DBAPIError, aborts: bool
) -> TakenBack | None:
    """What to raise instead of the error."""
    if context.statement is None and context.execution_context is None:
        undo(connection)  # it was a COMMIT, and SQLAlchemy takes it for the end however it went
        return None
    half = _HALVES.get(id(connection))
    if half is not None and half.undoes is not None and str(context.statement).lstrip()[:8].upper() == _UNDO:
        return half.mark(half.undoes)  # that error took the savepoint, too
    note(connection, problem, aborts=aborts)
    return None


def note(connection: sa.Connection, problem: sa.exc.DBAPIError, *, aborts: bool = True) -> None:
    """Let nothing more be done in the connection's transaction, if this error took it back."""
    decide = _GONE.get(connection.dialect.name)
    if decide is not None and decide(connection, problem, aborts):
        refuse(connection, problem)


def refuse(connection: sa.Connection, problem: sa.exc.DBAPIError) -> TakenBack:
    """Refuse everything in the connection's transaction, which this error took back; what there is to say of it."""
    return (_HALVES.get(id(connection)) or _Half(connection)).mark(problem)


class _Half:
    """What refuses, on one connection, to go on with a transaction whose first half is gone.

    It lives as long as the connection, whose listeners hold it, and hears of statements only while it refuses them.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._problem: sa.exc.DBAPIError | None = None
        self._is_heard = False
        self.undoes: sa.exc.DBAPIError | None = None  # the error that a savepoint was last rolled back for
        _HALVES[id(connection)] = self
        sa.event.listen(connection, "rollback", self._lift)
        sa.event.listen(connection, "rollback_savepoint", self._let_undo)

    def mark(self, problem: sa.exc.DBAPIError) -> TakenBack:
        """Refuse everything until a rollback; what there is to say of it."""
        if not self._is_heard:
            sa.event.listen(self._connection, "before_cursor_execute", self._refuse)
            sa.event.listen(self._connection, "commit", self._refuse_commit)
            self._is_heard = True
        self._problem = self._problem or problem
        return TakenBack(self._problem, _NAMES[self._connection.dialect.name])

    def _refuse(self, _connection: sa.Connection, _cursor: Any, text: str, *_given: Any) -> None:
        if self._problem is None:
            return
        if text.lstrip()[:8].upper() != _UNDO:
            raise self.mark(self._problem)
        self.undoes, self._problem = self._problem, None  # in somebody's own words, to a savepoint or all of it

    def _refuse_commit(self, _connection: sa.Connection) -> None:
        if self._problem is not None:
            refusal = self.mark(self._problem)
            undo(self._connection)  # SQLAlchemy takes what fails now for the end, and never rolls back
            self._lift()
            raise refusal

    def _lift(self, *_event: Any) -> None:
        if self._is_heard:
            sa.event.remove(self._connection, "before_cursor_execute", self._refuse)
            sa.event.remove(self._connection, "commit", self._refuse_commit)
            self._is_heard = False
        self._problem = self.undoes = None

    def _let_undo(self, *_event: Any) -> None:
        """Let a savepoint take back what came after it; whether it outlived the error the database will say."""
        problem = self._problem
        self._lift()
        self.undoes = problem


_HALVES: WeakValueDictionary[int, _Half] = WeakValueDictionary()
"""By the id of the connection, with which they go."""


def undo(connection: sa.Connection) -> None:
    """Leave nothing that would be committed with what comes next."""
    with suppress(connection.dialect.loaded_dbapi.Error):  # a connection that is lost is undone by itself
        connection.connection.rollback()


# --- what an error does to a transaction --------------------------------------------------------------------------


def _on_sqlite(connection: sa.Connection, _problem: sa.exc.DBAPIError, _aborts: bool) -> bool:
    return not getattr(connection.connection.dbapi_connection, "in_transaction", True)


def _on_postgresql(connection: sa.Connection, _problem: sa.exc.DBAPIError, _aborts: bool) -> bool:
    """As the server said it with its answer: what the driver refused by itself took nothing back."""
    failed = 3  # psycopg's TransactionStatus.INERROR, and psycopg2's
    told = getattr(connection.connection.dbapi_connection, "info", None)
    return bool(getattr(told, "transaction_status", failed) == failed)


def _on_mssql(connection: sa.Connection, problem: sa.exc.DBAPIError, aborts: bool) -> bool:
    """Under XACT_ABORT every error; else a deadlock, and whatever left no transaction."""
    if getattr(connection.connection.dbapi_connection, "autocommit", False):
        return False
    if aborts or codes(problem) & {"1205", "3960"}:
        return True
    is_open, is_on = asked(connection, "SELECT @@TRANCOUNT, @@OPTIONS & 16384") or (0, 0)
    return not is_open or bool(is_on)


def _on_mariadb(connection: sa.Connection, problem: sa.exc.DBAPIError, _aborts: bool) -> bool:
    """A deadlock takes all back; a lock that was not got in time a statement or all, as the server is set up."""
    found = codes(problem)
    if "1205" in found:
        return bool((asked(connection, "SELECT @@innodb_rollback_on_timeout") or (1,))[0])
    return bool(found & {"1213", "1206", "1020"})


def asked(connection: sa.Connection, question: str) -> tuple[int, ...] | None:
    """What the session says of itself; None when it does not."""
    with suppress(connection.dialect.loaded_dbapi.Error):
        cursor = connection.connection.cursor()
        cursor.execute(question)
        return tuple(cursor.fetchone() or ()) or None
    return None


_GONE: Final[dict[str, Callable[[sa.Connection, sa.exc.DBAPIError, bool], bool]]] = {
    "sqlite": _on_sqlite,
    "postgresql": _on_postgresql,
    "mssql": _on_mssql,
    "mariadb": _on_mariadb,
    "mysql": _on_mariadb,
}
_NAMES: Final = {
    "sqlite": "SQLite",
    "postgresql": "PostgreSQL",
    "mssql": "SQL Server",
    "mariadb": "MariaDB",
    "mysql": "MySQL",
}
