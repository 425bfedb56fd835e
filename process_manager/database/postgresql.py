"""PostgreSQL: connections on which no call waits without end, even when the network swallows the answer."""

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

_IN_NUMBERS: Final = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy's own gap
"""What compiles a statement so that the driver need not read its text anew each time."""


class TimedConnection(psycopg.Connection[Any]):
    """A connection that gives up when a call is not answered by its deadline, and cannot be used after that."""

    deadline: float | None = 20.0  # seconds; None: none
    is_single = False  # whether what is sent now is committed as it is executed
    opening: str | None = None  # where a pooler lies between: what each transaction begins with, in whatever session

    @property
    def is_pooled(self) -> bool:
        """Whether no two transactions need be of one session."""
        return self.opening is not None

    @cached_property
    def sender(self) -> Sender:
        """What sends statements whose answer is read at once."""
        return Sender(self)

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """What the call answers; psycopg.OperationalError when nothing came in time."""
        if timeout is not None:  # who says how long it waits deals with the end of it, too
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.deadline)
        except psycopg.OperationalError as problem:
            if problem.sqlstate is None and self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()  # the answer may still come, and would be taken for that of the next call
                raise psycopg.OperationalError("the server has not answered in time") from None
            raise


def options(_url: URL, *, deadline: timedelta) -> dict[str, Any]:
    """What the engine is made with. A pooler takes no settings with a connection: `agreed` makes them after it."""
    arguments = {"client_encoding": "utf8", "connect_timeout": max(2, int(deadline.total_seconds()))}
    return {"connect_args": arguments, "isolation_level": "READ COMMITTED", "use_native_hstore": False}


def prepare(engine: sa.Engine, *, deadline: timedelta, shown: str) -> None:
    """Have every connection speak as we do and be impatient, and refuse a database that cannot hold every text."""
    ours = postgresql_session.settings(deadline)

    @sa.event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: list[Any], given: dict[str, Any]) -> Any:
        with ExitStack() as undone:
            made = TimedConnection.connect(*arguments, **given)
            undone.callback(made.close)
            made.deadline = deadline.total_seconds()
            if not postgresql_session.settle(made, ours):
                made.opening = postgresql_session.opening(ours)
                made.prepare_threshold = None  # another session knows nothing of what this one prepared
            undone.pop_all()
        return made

    sa.event.listen(engine, "begin", _set_mode)

    @sa.event.listens_for(engine, "first_connect")
    def check(driver: Any, _record: Any) -> None:
        encoding = driver.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise DatabaseUnreachable(
                url=shown,
                problem=f"its encoding is {encoding}, which cannot hold every text",
                cure="Make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
            )


class single:  # noqa: N801 - it is used as a function
    """A block in which `ask` sends one statement, which is committed as it is executed."""

    __slots__ = ("_connection", "_driver")

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._driver: Any = None

    def __enter__(self) -> None:
        if self._connection.in_transaction():
            raise sa.exc.InvalidRequestError("a transaction is under way, of which the statement would be a part")
        self._driver = self._connection.connection.dbapi_connection  # made anew, if need be, before it counts
        if not (self._driver.autocommit or self._driver.closed):
            self._driver.autocommit = True
        self._driver.is_single = self._driver.opening is None  # through a pooler it is a transaction as any

    def __exit__(self, kind: object, *_exception: object) -> None:
        self._driver.is_single = False
        if not self._connection.in_transaction():
            return
        try:  # a pooler lies between, or it was begun by something else that was asked meanwhile
            self._connection.commit() if kind is None else self._connection.rollback()
        finally:
            self._connection.rollback()  # when a commit fails, the transaction is still there


def ask(connection: sa.Connection, statement: sa.Executable, given: Mapping[str, Any]) -> Any:
    """The rows that the statement answers, in the connection's transaction, sent by the driver itself if it is ours.

    SQLAlchemy's own way costs a fifth of what one step costs on the server. The statement is always the same object,
    and parameters and answers are what the driver makes of them. Raises sa.exc.DBAPIError, as SQLAlchemy does.
    """
    driver: Any = connection.connection.dbapi_connection
    if not isinstance(driver, TimedConnection) or _is_heard(connection):  # a start may be part of anybody's transaction
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
        error.connection_invalidated = _is_given_up(connection, driver, error)
        if connection.in_transaction() and not error.connection_invalidated:
            transaction_guard.note(connection, error)
        raise error from problem
    finally:
        if driver.pgconn.transaction_status == TransactionStatus.ACTIVE:  # interrupted, and once more meanwhile
            connection.invalidate()


def _is_heard(connection: sa.Connection) -> bool:
    """Whether somebody listens to statements, who is to hear of them all that SQLAlchemy tells."""
    heard = connection.dispatch
    return bool(heard.before_cursor_execute or heard.after_cursor_execute or heard.before_execute)


@lru_cache
def _compiled(statement: sa.Executable) -> tuple[str, Callable[[Mapping[str, Any]], Sequence[Any]]]:
    """Its text, in the server's own words for parameters, and what puts those that are given into that order."""
    compiled: Any = statement.compile(dialect=_IN_NUMBERS)  # type: ignore[attr-defined]  # whatever can be executed
    fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    names = compiled.positiontup or ()
    if fixed or len(names) < 2:  # of a single name `itemgetter` makes no sequence
        return str(compiled), lambda given: [given[name] if name in given else fixed[name] for name in names]
    return str(compiled), itemgetter(*names)


def _is_given_up(connection: sa.Connection, driver: Any, error: sa.exc.DBAPIError) -> bool:
    """Whether the connection is of no use any more, and is made anew when it is used again."""
    is_useless = bool(driver.closed or driver.broken) or error_codes.is_useless(error)
    if is_useless and not connection.invalidated:
        # As SQLAlchemy does for what it sends itself: what lies in the pool is no better, and looks alive.
        connection.engine.pool._invalidate(connection.connection, error.orig)
        connection.invalidate(error.orig)
    return is_useless


def _set_mode(connection: sa.Connection) -> None:
    """Let the driver commit nothing by itself in a transaction; to switch it costs two calls."""
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return  # SQLAlchemy sees to it
    driver: Any = connection.connection.dbapi_connection  # made anew, if need be: from the pool, in whatever mode
    if driver.opening is not None:
        _open(connection, driver)
    elif driver.autocommit and not driver.closed:  # what is executed says so in the words everybody knows
        driver.autocommit = False


def _open(connection: sa.Connection, driver: Any) -> None:
    """Begin by words of our own: the driver's would say nothing of how to speak, and a call more would have to."""
    if not (driver.autocommit or driver.closed):
        driver.autocommit = True  # it begins nothing by itself
    connection.exec_driver_sql(driver.opening)


def is_pooled(connection: sa.Connection) -> bool:
    """Whether a pooler lies between, so that nothing of a session holds longer than a transaction."""
    return bool(getattr(connection.connection.driver_connection, "is_pooled", False))
