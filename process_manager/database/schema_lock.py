"""One change of the schema at a time: the second one waits, and then finds it done.

The lock belongs to the session that makes the change: both end together, however they end. It is polled, never waited
for in a statement: an index that is built while others write would wait for that statement, which waits for the index.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from process_manager import durations
from process_manager.errors import SchemaBusy

PATIENCE: Final = timedelta(minutes=10)
"""How long to wait for another change: an index on a big table takes its time."""

PAUSE: Final = 0.2
"""Seconds between two tries."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long to wait for another change, and whom to tell about it."""

    tell: Callable[[str], None] = lambda _line: None
    patience: timedelta = PATIENCE


DEFAULT_WAITING: Final = Waiting()


class _Statements(NamedTuple):
    """The statements of a database that try to take a session's lock, release it, and tell who holds it."""

    take: str  # 1 when it is ours
    release: str
    holder: str


@contextmanager
def hold(connection: sa.Connection, *, url: str, waiting: Waiting) -> Iterator[None]:
    """Hold the lock on the schema during the block.

    SQLite has no such lock and needs none: a change of its schema is one transaction that begins IMMEDIATE.

    Raises:
        SchemaBusy: Another change still holds the lock after the patience of `waiting`.
    """
    statements = STATEMENTS.get(connection.dialect.name)
    if statements is None:
        yield
        return
    _wait(connection, statements, url, waiting)
    try:
        yield
    finally:
        with suppress(sa.exc.DBAPIError):  # a broken connection has released it already
            connection.rollback()
            _query(connection, statements.release)


def _wait(connection: sa.Connection, statements: _Statements, url: str, waiting: Waiting) -> None:
    ends = time.monotonic() + waiting.patience.total_seconds()
    is_told = False
    while not _query(connection, statements.take):
        if time.monotonic() >= ends:
            waited = durations.format(waiting.patience)
            raise SchemaBusy(url=url, holder=_holder(connection, statements), waited=waited)
        if not is_told:
            waiting.tell(
                f"{_holder(connection, statements)} is changing the schema of {url}: waiting until it is done."
            )
            is_told = True
        threading.Event().wait(PAUSE)


def _query(connection: sa.Connection, statement: str) -> object:
    """Run one statement in a transaction of its own and return its value."""
    answer = connection.exec_driver_sql(statement).scalar()
    connection.commit()
    return answer


def _holder(connection: sa.Connection, statements: _Statements) -> str:
    try:
        return str(_query(connection, statements.holder) or "Another program")
    except sa.exc.DBAPIError:  # this account may not ask
        connection.rollback()
        return "Another program"


_POSTGRESQL: Final = 0x70726F63_6D677200
"""A number that no other program will choose: `procmgr` in ASCII."""

_MARIADB: Final = "CONCAT('process-manager ', MD5(DATABASE()))"  # lock names are shared by the whole server
_MSSQL: Final = "process-manager schema"

_ON_POSTGRESQL: Final = (
    "SELECT 'Session ' || l.pid || coalesce(' of ' || a.usename, '')"  # noqa: S608 - ours
    " || coalesce(' from ' || host(a.client_addr), '')"
    " FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid"
    " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    f" AND l.classid = {_POSTGRESQL >> 32} AND l.objid = {_POSTGRESQL & 0xFFFFFFFF}"
)
_ON_MARIADB: Final = (
    "SELECT CONCAT('Session ', id, ' of ', user, ' from ', host) FROM information_schema.processlist"  # noqa: S608 - ours
    f" WHERE id = IS_USED_LOCK({_MARIADB})"
)
_ON_SQL_SERVER: Final = (
    "SELECT TOP (1) CONCAT('Session ', s.session_id, ' of ', s.login_name, ' from ', s.host_name)"  # noqa: S608 - ours
    " FROM sys.dm_tran_locks l JOIN sys.dm_exec_sessions s ON s.session_id = l.request_session_id"
    " WHERE l.resource_type = 'APPLICATION' AND l.resource_database_id = DB_ID()"
    f" AND l.request_status = 'GRANT' AND l.resource_description LIKE N'%{_MSSQL}%'"
)

STATEMENTS: Final = {
    "postgresql": _Statements(
        f"SELECT CASE WHEN pg_try_advisory_lock({_POSTGRESQL}) THEN 1 ELSE 0 END",
        f"SELECT pg_advisory_unlock({_POSTGRESQL})",
        _ON_POSTGRESQL,
    ),
    "mariadb": _Statements(f"SELECT GET_LOCK({_MARIADB}, 0)", f"SELECT RELEASE_LOCK({_MARIADB})", _ON_MARIADB),
    "mssql": _Statements(
        "SET NOCOUNT ON; DECLARE @got int;"
        f" EXEC @got = sp_getapplock @Resource = N'{_MSSQL}', @LockMode = 'Exclusive', @LockOwner = 'Session',"
        " @LockTimeout = 0; SELECT CASE WHEN @got >= 0 THEN 1 ELSE 0 END",
        "SET NOCOUNT ON; DECLARE @left int;"
        f" EXEC @left = sp_releaseapplock @Resource = N'{_MSSQL}', @LockOwner = 'Session'; SELECT @left",
        _ON_SQL_SERVER,
    ),
}
"""The statements of each server; names and numbers never change, or two versions would not see each other."""
