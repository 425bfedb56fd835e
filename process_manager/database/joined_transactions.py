"""Check whether an act may join a caller's transaction: what its statements see, and how long its locks last."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.engine import Dialect, RootTransaction

from process_manager.database import transaction_guard
from process_manager.errors import UnfitTransaction

_OURS: WeakSet[Dialect] = WeakSet()  # of engines whose connections are all set up here
_FIT: WeakSet[RootTransaction] = WeakSet()  # each is checked once: its level does not change while it lasts

_HINT: Final = (
    'Create the engine with sa.create_engine(url, isolation_level="READ COMMITTED"), or set it before the '
    'transaction begins: connection.execution_options(isolation_level="READ COMMITTED").'
)
_HINT_OF_SQLITE: Final = "Create the engine without isolation_level, and begin a transaction: engine.begin()."


def trust(engine: sa.Engine) -> None:
    """Let connections of this engine pass unchecked, unless they have options of their own."""
    _OURS.add(engine.dialect)


def require(connection: sa.Connection) -> None:
    """Raise UnfitTransaction unless an act may join the connection's transaction.

    A snapshot taken before the lane was locked shows the lane as it was, and a start would wait for a process that has
    ended. Where statements see uncommitted rows, a start that may be rolled back counts as started. Without a
    transaction no lock lasts. MariaDB does not reveal a level set by `SET TRANSACTION` for one transaction, so that is
    not noticed.
    """
    options = connection.get_execution_options()
    if connection.dialect in _OURS and not options:
        return
    if "sqlite_begin" in options:  # how `Database.read` marks its connections, on every database
        problem = "is for reading: what an act writes on it is rolled back in the end"
        raise UnfitTransaction(problem=problem, hint="Use one of database.begin(), or call database.run(…).")
    if (transaction := connection.get_transaction()) is not None:
        _require(connection, transaction)
        return
    transaction = connection.begin()  # as the act's first statement would
    try:
        _require(connection, transaction)
    except UnfitTransaction:
        transaction.rollback()
        raise


def _require(connection: sa.Connection, transaction: RootTransaction) -> None:
    if transaction in _FIT:
        return
    hint = _HINT_OF_SQLITE if connection.dialect.name == "sqlite" else _HINT
    if _commits_by_itself(connection):
        problem = "commits each statement by itself, but an act and its locks need a transaction"
        raise UnfitTransaction(problem=problem, hint=hint)
    if not _is_read_committed(connection):
        problem = (
            f"is in a transaction with the level {connection.get_isolation_level()}, but each statement of an act must "
            "see exactly what is committed by then: otherwise a process may wait for one that has ended"
        )
        raise UnfitTransaction(problem=problem, hint=hint)
    _FIT.add(transaction)
    transaction_guard.guard(connection.engine, aborts=False, only=_FIT)


def _is_read_committed(connection: sa.Connection) -> bool:
    if connection.dialect.name == "sqlite":
        return True  # a writer sees the file as it is, or is refused
    level = connection.get_isolation_level()
    return level == "READ COMMITTED" or (level == "READ UNCOMMITTED" and connection.dialect.name == "postgresql")


def _commits_by_itself(connection: sa.Connection) -> bool:
    driver: Any = connection.connection.dbapi_connection
    with suppress(NotImplementedError):  # some drivers cannot tell
        return connection.dialect.detect_autocommit_setting(driver) and not getattr(driver, "in_transaction", False)
    return False
