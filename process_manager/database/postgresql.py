"""PostgreSQL: connections on which no call waits without end, even when the network swallows the answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy.engine import URL

from process_manager.errors import DatabaseUnreachable

SPARE = 0.5
"""How much of the deadline the server may take: its own error says more than ours, so it comes first."""


class Impatient(psycopg.Connection[Any]):
    """A connection that gives up when a call is not answered by its deadline, and cannot be used after that."""

    deadline: float | None = 20.0  # seconds; None: none

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


def options(url: URL, *, deadline: timedelta) -> dict[str, Any]:
    """What the engine is made with: every statement has an end on the server, every call has one here."""
    limit = int(deadline.total_seconds() * SPARE * 1000)
    asked = " ".join(url.normalized_query.get("options", ()))
    level = "default_transaction_isolation=read\\ committed"  # of single statements, too
    given = (level, f"statement_timeout={limit}", f"lock_timeout={limit // 2}", "timezone=UTC")
    told = " ".join([*(f"-c {each}" for each in given), asked]).strip()
    seconds = max(2, int(deadline.total_seconds()))
    return {"connect_args": {"options": told, "connect_timeout": seconds}, "isolation_level": "READ COMMITTED"}


def prepare(engine: sa.Engine, *, deadline: timedelta, shown: str) -> None:
    """Make the engine's connections impatient, and refuse a database that cannot hold every text."""

    @sa.event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: list[Any], given: dict[str, Any]) -> Any:
        made = Impatient.connect(*arguments, **given)
        made.deadline = deadline.total_seconds()
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


@contextmanager
def single(connection: sa.Connection) -> Iterator[None]:
    """A transaction of one statement, which is committed as it is executed."""
    _next.is_single = True
    try:
        with connection.begin():
            yield
    finally:
        _next.is_single = False


class _Next(threading.local):
    """What the transaction is that this thread begins next."""

    is_single = False


_next: Final = _Next()


def _set_mode(connection: sa.Connection) -> None:
    """Let the driver commit by itself what is a single statement, and nothing else; to switch it costs two calls."""
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return  # SQLAlchemy sees to it
    wanted, _next.is_single = _next.is_single, False
    if connection.invalidated:
        return  # it is made anew when it is used, and begins a transaction then
    driver: Any = connection.connection.driver_connection
    if driver.autocommit is not wanted and not driver.closed:  # what is executed says so in the words everybody knows
        driver.autocommit = wanted
