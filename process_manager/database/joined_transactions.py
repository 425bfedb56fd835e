"""Whether an act may be part of a caller's transaction: what its statements see, and how long its locks hold."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.engine import Dialect, RootTransaction

from process_manager.database import transaction_guard
from process_manager.errors import UnfitTransaction

_OURS: WeakSet[Dialect] = WeakSet()  # of engines whose every connection is set up here
_FIT: WeakSet[RootTransaction] = WeakSet()  # each is asked once: its level does not change while it lasts

_CURE: Final = (
    'Make the engine with sa.create_engine(url, isolation_level="READ COMMITTED"), or ask for it before the '
    'transaction begins: connection.execution_options(isolation_level="READ COMMITTED").'
)
_CURE_OF_SQLITE: Final = "Make the engine without isolation_level, and begin a transaction: engine.begin()."


def vouch_for(engine: sa.Engine) -> None:
    """Let connections of this engine pass unasked, unless somebody gives one options of its own."""
    _OURS.add(engine.dialect)


def require(connection: sa.Connection) -> None:
    """Nothing, when an act may be part of the connection's transaction; UnfitTransaction when it may not.

    A snapshot from before the lane's lock was got shows the lane as it was, and a start would wait for what has ended.
    Where statements see what is not committed, what may be taken back counts as started. Without a transaction no lock
    holds. What `SET TRANSACTION` gave one transaction alone MariaDB does not tell, so there it is not noticed.
    """
    options = connection.get_execution_options()
    if connection.dialect in _OURS and not options:
        return
    if "sqlite_begin" in options:  # on every database that is how `Database.read` marks it
        problem = "is for reading: what an act writes on it is undone in the end"
        raise UnfitTransaction(problem=problem, cure="Take one of database.begin(), or have database.run(…) do it.")
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
    cure = _CURE_OF_SQLITE if connection.dialect.name == "sqlite" else _CURE
    if _commits_by_itself(connection):
        problem = "commits each statement by itself, and an act is whole, and its locks hold, in a transaction only"
        raise UnfitTransaction(problem=problem, cure=cure)
    if not _is_read_committed(connection):
        problem = (
            f"is in a transaction that is {connection.get_isolation_level()}, and an act must see with each statement "
            "what is committed by then, no less and no more: else a process may wait for one that has ended"
        )
        raise UnfitTransaction(problem=problem, cure=cure)
    _FIT.add(transaction)
    transaction_guard.keep(connection.engine, aborts=False, only=_FIT)


def _is_read_committed(connection: sa.Connection) -> bool:
    if connection.dialect.name == "sqlite":
        return True  # who writes to a file sees it as it is, or is refused
    level = connection.get_isolation_level()
    return level == "READ COMMITTED" or (level == "READ UNCOMMITTED" and connection.dialect.name == "postgresql")


def _commits_by_itself(connection: sa.Connection) -> bool:
    driver: Any = connection.connection.dbapi_connection
    with suppress(NotImplementedError):  # a driver that nobody can ask
        return connection.dialect.detect_autocommit_setting(driver) and not getattr(driver, "in_transaction", False)
    return False
