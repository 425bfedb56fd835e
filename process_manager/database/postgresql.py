"""PostgreSQL connections on which every call has a timeout, even when the network loses the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import URL

from process_manager.database import error_codes, postgresql_session, transaction_guard
from process_manager.database.lone_statement import Sender
from process_manager.errors import DatabaseUnreachable

_NUMBERED_DIALECT: Final = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
"""The dialect that compiles statements into the server's own notation, which the driver need not parse each time."""


class TimedConnection(psycopg.Connection[Any]):
    """A connection that closes when a call is not answered within its timeout."""

    call_timeout: float | None = 20.0  # seconds; None: none
    is_single = False  # whether a statement commits as it is executed
    opening: str | None = None  # through a pooler: the statement that begins each transaction, in whatever session

    @property
    def is_pooled(self) -> bool:
        """Return whether a pooler may give each transaction another session."""
        return self.opening is not None

    @cached_property
    def sender(self) -> Sender:
        """Return the cursor for statements whose answer is read at once."""
        return Sender(self)

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for the answer of a call; raise psycopg.OperationalError when it does not arrive in time."""
        if timeout is not None:  # a caller with a timeout of its own handles its end, too
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.call_timeout)
        except psycopg.OperationalError as problem:
            if problem.sqlstate is None and self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()  # a late answer would be taken for that of the next call
                raise psycopg.OperationalError("the server has not answered in time") from None
            raise


def options(_url: URL, *, call_timeout: timedelta) -> dict[str, Any]:
    """Return the engine's options. A pooler accepts no settings on connecting; `postgresql_session` sets them later."""
    arguments = {"client_encoding": "utf8", "connect_timeout": max(2, int(call_timeout.total_seconds()))}
    return {"connect_args": arguments, "isolation_level": "READ COMMITTED", "use_native_hstore": False}


def prepare(engine: sa.Engine, *, call_timeout: timedelta, shown: str) -> None:
    """Set up every session with our settings and timeouts, and refuse a database that cannot store every text."""
    ours = postgresql_session.settings(call_timeout)

    @sa.event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: list[Any], given: dict[str, Any]) -> Any:
        with ExitStack() as undone:
            made = TimedConnection.connect(*arguments, **given)
            undone.callback(made.close)
            made.call_timeout = call_timeout.total_seconds()
            if not postgresql_session.settle(made, ours):
                made.opening = postgresql_session.opening(ours)
                made.prepare_threshold = None  # another session would not know the prepared statements
            undone.pop_all()
        return made

    sa.event.listen(engine, "begin", _set_mode)

    @sa.event.listens_for(engine, "first_connect")
    def check(driver: Any, _record: Any) -> None:
        encoding = driver.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise DatabaseUnreachable(
                url=shown,
                problem=f"its encoding is {encoding}, which cannot store every text",
                hint="Create one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
            )


class single:  # noqa: N801 - it is used as a function
    """A block in which `ask` sends one statement, which commits as it is executed."""

    __slots__ = ("_connection", "_driver")

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._driver: Any = None

    def __enter__(self) -> None:
        if self._connection.in_transaction():
            raise sa.exc.InvalidRequestError("a transaction is open, and the statement would become a part of it")
        self._driver = self._connection.connection.dbapi_connection  # reconnects if need be, before it counts
        if not (self._driver.autocommit or self._driver.closed):
            self._driver.autocommit = True
        self._driver.is_single = self._driver.opening is None  # through a pooler it is an ordinary transaction

    def __exit__(self, kind: object, *_exception: object) -> None:
        self._driver.is_single = False
        if not self._connection.in_transaction():
            return
        try:  # through a pooler, or begun by another statement meanwhile
            self._connection.commit() if kind is None else self._connection.rollback()
        finally:
            self._connection.rollback()  # after a failed commit the transaction is still open


def ask(connection: sa.Connection, statement: sa.Executable, given: Mapping[str, Any]) -> Any:
    """Run a statement in the connection's transaction and return its rows, sent by the driver itself if it is ours.

    SQLAlchemy's own way costs a fifth of the server's time for one step. The statement is always the same object, and
    the driver converts parameters and results. Raise sa.exc.DBAPIError, as SQLAlchemy does.
    """
    driver: Any = connection.connection.dbapi_connection
    if not isinstance(driver, TimedConnection) or _has_listeners(connection):  # a start may join anybody's transaction
        return connection.execute(statement, given).all()
    is_lone = driver.is_single and driver.autocommit
    if not (is_lone or connection.in_transaction()):
        connection.begin()
    text, values_of = _compiled(statement)
    sender: Any = driver.sender
    sender.sends_alone = is_lone
    values = values_of(given)
    try:
        connection.dialect.do_execute(sender, text, values)
        return sender.fetchall()
    except psycopg.Error as problem:
        instance = sa.exc.DBAPIError.instance
        error: Any = instance(text, None, problem, psycopg.Error, hide_parameters=True, dialect=connection.dialect)
        error.connection_invalidated = _is_unusable(connection, driver, error)
        if connection.in_transaction() and not error.connection_invalidated:
            transaction_guard.on_error(connection, error)
        raise error from problem
    finally:
        if driver.pgconn.transaction_status == TransactionStatus.ACTIVE:  # interrupted twice
            connection.invalidate()


def _has_listeners(connection: sa.Connection) -> bool:
    """Return whether somebody listens to statements and must see each one as an event of SQLAlchemy."""
    listeners = connection.dispatch
    return bool(listeners.before_cursor_execute or listeners.after_cursor_execute or listeners.before_execute)


@lru_cache
def _compiled(statement: sa.Executable) -> tuple[str, Callable[[Mapping[str, Any]], Sequence[Any]]]:
    """Return the statement's text in the server's own notation, and a function that orders the parameters for it."""
    compiled: Any = statement.compile(dialect=_NUMBERED_DIALECT)  # type: ignore[attr-defined]  # whatever can be executed
    fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    names = compiled.positiontup or ()
    if fixed or len(names) < 2:  # for a single name `itemgetter` returns no sequence
        return str(compiled), lambda given: [given[name] if name in given else fixed[name] for name in names]
    return str(compiled), itemgetter(*names)


def _is_unusable(connection: sa.Connection, driver: Any, error: sa.exc.DBAPIError) -> bool:
    """Return whether the connection cannot be used any more; it is then replaced at the next use."""
    is_unusable = bool(driver.closed or driver.broken) or error_codes.is_unusable(error)
    if is_unusable and not connection.invalidated:
        # As SQLAlchemy does for its own statements: connections in the pool are no better, but look alive.
        connection.engine.pool._invalidate(connection.connection, error.orig)
        connection.invalidate(error.orig)
    return is_unusable


def _set_mode(connection: sa.Connection) -> None:
    """Keep the driver from committing by itself within a transaction; to switch the mode costs two calls."""
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return  # SQLAlchemy sets the mode
    driver: Any = connection.connection.dbapi_connection  # from the pool or new, in either mode
    if driver.opening is not None:
        _open(connection, driver)
    elif driver.autocommit and not driver.closed:  # a closed one raises its usual error when used
        driver.autocommit = False


def _open(connection: sa.Connection, driver: Any) -> None:
    """Begin with our own statement, which also sets the session's options: the driver's BEGIN needs one more call."""
    if not (driver.autocommit or driver.closed):
        driver.autocommit = True  # so that it begins nothing by itself
    connection.exec_driver_sql(driver.opening)


def is_pooled(connection: sa.Connection) -> bool:
    """Return whether a pooler lies between, so that nothing in a session outlives a transaction."""
    return bool(getattr(connection.connection.driver_connection, "is_pooled", False))
