"""Make transactions atomic: after a database has rolled one back, nothing more is done or committed in its place.

PostgreSQL refuses what follows an error, but turns a later COMMIT into a rollback without an error. SQL Server under
XACT_ABORT, MariaDB after a deadlock and SQLite on a full disk roll the transaction back and begin a new one with the
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

from process_manager.database.error_codes import RolledBack, codes

_GUARDED: WeakSet[Dialect] = WeakSet()  # of engines whose errors are listened to

_ROLLBACK: Final = "ROLLBACK"
"""The beginning of a statement that rolls back, to a savepoint or all, on every database."""


def guard(engine: sa.Engine, *, aborts: bool = True, only: Container[RootTransaction] | None = None) -> None:
    """Guard every transaction of this engine, or `only` those of a caller that acts have joined.

    SQL Server is asked whether XACT_ABORT is on in the session, unless `aborts` says that it always is.
    """
    if engine.dialect in _GUARDED:
        return
    _GUARDED.add(engine.dialect)

    @sa.event.listens_for(engine, "handle_error")
    def handle(context: sa.ExceptionContext) -> RolledBack | None:
        connection, problem = context.connection, context.sqlalchemy_exception
        if connection is None or context.is_disconnect or not isinstance(problem, sa.exc.DBAPIError):
            return None  # SQLAlchemy itself refuses everything on a lost connection, until a rollback
        transaction = connection.get_transaction()
        if transaction is None or (only is not None and transaction not in only):
            return None
        return _handle(connection, context, problem, aborts)


def _handle(
    connection: sa.Connection, context: sa.ExceptionContext, problem: sa.exc.DBAPIError, aborts: bool
) -> RolledBack | None:
    """Return the error to raise in place of this one, if any."""
    if context.statement is None and context.execution_context is None:
        roll_back(connection)  # it was a COMMIT, and SQLAlchemy takes the transaction for ended in any case
        return None
    refusal = _REFUSALS.get(id(connection))
    if refusal is not None and refusal.undoes is not None and str(context.statement).lstrip()[:8].upper() == _ROLLBACK:
        return refusal.mark(refusal.undoes)  # that error removed the savepoint, too
    on_error(connection, problem, aborts=aborts)
    return None


def on_error(connection: sa.Connection, problem: sa.exc.DBAPIError, *, aborts: bool = True) -> None:
    """Refuse everything more in the connection's transaction, if this error rolled it back."""
    is_rolled_back = _IS_ROLLED_BACK.get(connection.dialect.name)
    if is_rolled_back is not None and is_rolled_back(connection, problem, aborts):
        refuse(connection, problem)


def refuse(connection: sa.Connection, problem: sa.exc.DBAPIError) -> RolledBack:
    """Refuse everything in the connection's transaction, which this error rolled back; return the error to raise."""
    return (_REFUSALS.get(id(connection)) or _Refusal(connection)).mark(problem)


class _Refusal:
    """A listener that refuses, on one connection, to go on with a transaction whose first half is gone.

    It lives as long as the connection, whose listeners hold it, and sees statements only while it refuses them.
    """

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._problem: sa.exc.DBAPIError | None = None
        self._is_listening = False
        self.undoes: sa.exc.DBAPIError | None = None  # the error that a savepoint was last rolled back for
        _REFUSALS[id(connection)] = self
        sa.event.listen(connection, "rollback", self._lift)
        sa.event.listen(connection, "rollback_savepoint", self._on_savepoint_rollback)

    def mark(self, problem: sa.exc.DBAPIError) -> RolledBack:
        """Refuse everything until a rollback; return the error to raise."""
        if not self._is_listening:
            sa.event.listen(self._connection, "before_cursor_execute", self._refuse)
            sa.event.listen(self._connection, "commit", self._refuse_commit)
            self._is_listening = True
        self._problem = self._problem or problem
        return RolledBack(self._problem, _NAMES[self._connection.dialect.name])

    def _refuse(self, _connection: sa.Connection, _cursor: Any, text: str, *_given: Any) -> None:
        if self._problem is None:
            return
        if text.lstrip()[:8].upper() != _ROLLBACK:
            raise self.mark(self._problem)
        self.undoes, self._problem = self._problem, None  # a ROLLBACK as SQL text, to a savepoint or of everything

    def _refuse_commit(self, _connection: sa.Connection) -> None:
        if self._problem is not None:
            error = self.mark(self._problem)
            roll_back(self._connection)  # SQLAlchemy takes a failed commit for the end, and never rolls back
            self._lift()
            raise error

    def _lift(self, *_event: Any) -> None:
        if self._is_listening:
            sa.event.remove(self._connection, "before_cursor_execute", self._refuse)
            sa.event.remove(self._connection, "commit", self._refuse_commit)
            self._is_listening = False
        self._problem = self.undoes = None

    def _on_savepoint_rollback(self, *_event: Any) -> None:
        """Let a savepoint roll back what came after it; the database tells whether it survived the error."""
        problem = self._problem
        self._lift()
        self.undoes = problem


_REFUSALS: WeakValueDictionary[int, _Refusal] = WeakValueDictionary()
"""By the id of the connection, with which they are dropped."""


def roll_back(connection: sa.Connection) -> None:
    """Roll back, so that nothing is left to be committed with what comes next."""
    with suppress(connection.dialect.loaded_dbapi.Error):  # a lost connection is rolled back by itself
        connection.connection.rollback()


# --- what an error does to a transaction --------------------------------------------------------------------------


def _on_sqlite(connection: sa.Connection, _problem: sa.exc.DBAPIError, _aborts: bool) -> bool:
    return not getattr(connection.connection.dbapi_connection, "in_transaction", True)


def _on_postgresql(connection: sa.Connection, _problem: sa.exc.DBAPIError, _aborts: bool) -> bool:
    """Return what the server said with its answer: an error of the driver itself rolled nothing back."""
    failed = 3  # psycopg's TransactionStatus.INERROR, and psycopg2's
    info = getattr(connection.connection.dbapi_connection, "info", None)
    return bool(getattr(info, "transaction_status", failed) == failed)


def _on_mssql(connection: sa.Connection, problem: sa.exc.DBAPIError, aborts: bool) -> bool:
    """Return True for every error under XACT_ABORT; else for a deadlock, and when no transaction is left."""
    if getattr(connection.connection.dbapi_connection, "autocommit", False):
        return False
    if aborts or codes(problem) & {"1205", "3960"}:
        return True
    is_open, is_on = query(connection, "SELECT @@TRANCOUNT, @@OPTIONS & 16384") or (0, 0)
    return not is_open or bool(is_on)


def _on_mariadb(connection: sa.Connection, problem: sa.exc.DBAPIError, _aborts: bool) -> bool:
    """Return True for a deadlock; after a lock timeout ask, for the server's settings decide what it rolls back."""
    found = codes(problem)
    if "1205" in found:
        return bool((query(connection, "SELECT @@innodb_rollback_on_timeout") or (1,))[0])
    return bool(found & {"1213", "1206", "1020"})


def query(connection: sa.Connection, statement: str) -> tuple[int, ...] | None:
    """Return what the session answers; None when it does not."""
    with suppress(connection.dialect.loaded_dbapi.Error):
        cursor = connection.connection.cursor()
        cursor.execute(statement)
        return tuple(cursor.fetchone() or ()) or None
    return None


_IS_ROLLED_BACK: Final[dict[str, Callable[[sa.Connection, sa.exc.DBAPIError, bool], bool]]] = {
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
