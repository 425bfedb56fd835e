"""One change of the schema at a time: who comes second waits, and then finds it done.

The lock is the session's own, on the connection that makes the change: both end together, however they end. It is
asked for again and again, never waited for in a statement: an index that is built while others write would wait for
that statement, which waits for the index.
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
"""How long another change is waited for: an index of a big table takes its time."""

PAUSE: Final = 0.2
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long another change is waited for, and who is told of it."""

    tell: Callable[[str], None] = lambda _line: None
    patience: timedelta = PATIENCE


AT_LEISURE: Final = Waiting()


class _Words(NamedTuple):
    """How a database takes a lock of a session without waiting, lets go of it, and says who has it."""

    take: str  # 1 when it is ours
    release: str
    holder: str


@contextmanager
def turn(connection: sa.Connection, *, url: str, waiting: Waiting) -> Iterator[None]:
    """Keep every other change of this schema out for as long as the block; raise SchemaBusy after the patience.

    SQLite has no such lock and needs none: a change of its schema is one transaction that begins IMMEDIATE.
    """
    words = WORDS.get(connection.dialect.name)
    if words is None:
        yield
        return
    _wait(connection, words, url, waiting)
    try:
        yield
    finally:
        with suppress(sa.exc.DBAPIError):  # on a broken connection it is free already
            connection.rollback()
            _asked(connection, words.release)


def _wait(connection: sa.Connection, words: _Words, url: str, waiting: Waiting) -> None:
    ends = time.monotonic() + waiting.patience.total_seconds()
    told = False
    while not _asked(connection, words.take):
        if time.monotonic() >= ends:
            waited = durations.format(waiting.patience)
            raise SchemaBusy(url=url, holder=_holder(connection, words), waited=waited)
        if not told:
            waiting.tell(f"{_holder(connection, words)} is changing the schema of {url}: it is waited for.")
            told = True
        threading.Event().wait(PAUSE)


def _asked(connection: sa.Connection, statement: str) -> object:
    """Return what one statement answers, in a transaction of its own."""
    answer = connection.exec_driver_sql(statement).scalar()
    connection.commit()
    return answer


def _holder(connection: sa.Connection, words: _Words) -> str:
    try:
        return str(_asked(connection, words.holder) or "Another program")
    except sa.exc.DBAPIError:  # this account may not ask
        connection.rollback()
        return "Another program"


_POSTGRESQL: Final = 0x70726F63_6D677200
"""A number that no other program will think of: `procmgr` in ASCII."""

_MARIADB: Final = "CONCAT('process-manager ', MD5(DATABASE()))"  # the names of locks are the whole server's
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

WORDS: Final = {
    "postgresql": _Words(
        f"SELECT CASE WHEN pg_try_advisory_lock({_POSTGRESQL}) THEN 1 ELSE 0 END",
        f"SELECT pg_advisory_unlock({_POSTGRESQL})",
        _ON_POSTGRESQL,
    ),
    "mariadb": _Words(f"SELECT GET_LOCK({_MARIADB}, 0)", f"SELECT RELEASE_LOCK({_MARIADB})", _ON_MARIADB),
    "mssql": _Words(
        "SET NOCOUNT ON; DECLARE @got int;"
        f" EXEC @got = sp_getapplock @Resource = N'{_MSSQL}', @LockMode = 'Exclusive', @LockOwner = 'Session',"
        " @LockTimeout = 0; SELECT CASE WHEN @got >= 0 THEN 1 ELSE 0 END",
        "SET NOCOUNT ON; DECLARE @left int;"
        f" EXEC @left = sp_releaseapplock @Resource = N'{_MSSQL}', @LockOwner = 'Session'; SELECT @left",
        _ON_SQL_SERVER,
    ),
}
"""How each server locks for a session; the names and numbers stay as they are, or two versions would not meet."""
