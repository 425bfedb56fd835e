"""The engine's own database: connecting to it, and its transactions. Transactions belong to the caller."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import timedelta
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import sqlalchemy as sa

from process_manager.database import error_codes, joined_transactions, server_engine, url_parsing
from process_manager.errors import DatabaseUnreachable, FateUnknown
from process_manager.redaction import safe_url, short_url

if TYPE_CHECKING:
    from process_manager.database.sqlite_identity import FileIdentity
    from process_manager.database.sqlite_watch import FileWatch  # which loads the driver

T = TypeVar("T")

RESTS: Final = (0.02, 0.05, 0.1, 0.3, 1.0)
"""Seconds, at most, before a transaction that the database took back is run again."""


class Database:
    """A place to run transactions; every error of connecting is one sentence."""

    def __init__(self, engine: sa.Engine, url: str, *, file: FileIdentity | None = None) -> None:
        self.engine = engine
        self.file = file  # which it is, of an SQLite file that is worked on
        self.url = short_url(url)  # without its password, as it is told
        self.dialect = engine.dialect.name
        joined_transactions.vouch_for(engine)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A write transaction: committed at the end of the block, rolled back when it raises."""
        with error_codes.explained(self.url), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A read transaction: it never waits for a writer, unless a SQL Server keeps no row versions.

        There, without READ_COMMITTED_SNAPSHOT, it waits as long as a write does, and may be a deadlock's victim: it is
        told as a database that cannot be used just now, and whoever asked asks again. `doctor` warns of it.
        """
        with error_codes.explained(self.url), self.engine.connect() as connection:
            yield connection.execution_options(sqlite_begin="BEGIN")

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """A connection to keep, for a thread that runs many transactions of its own."""
        with error_codes.explained(self.url), self.engine.connect() as connection:
            yield connection

    def run(self, work: Callable[[sa.Connection], T]) -> T:
        """What `work` answers in a write transaction of its own, run again whole when the database took it back.

        FateUnknown when the connection broke while it was being committed: that may have happened, and is not repeated.
        """
        with error_codes.explained(self.url):
            for rest in RESTS:
                try:
                    return self._once(work)
                except sa.exc.DBAPIError as error:
                    if not error_codes.is_passing(error):
                        raise
                threading.Event().wait(rest * random.random())  # noqa: S311 - it keeps two apart, it guards nothing
            return self._once(work)

    def _once(self, work: Callable[[sa.Connection], T]) -> T:
        with self.engine.connect() as connection:
            return self.within(connection, work)

    def within(self, connection: sa.Connection, work: Callable[[sa.Connection], T], *, alone: bool = False) -> T:
        """What `work` answers in a write transaction on this connection; `alone` when it is one statement.

        FateUnknown when the connection broke while it was being committed.
        """
        if alone and self.dialect == "postgresql":
            return self._alone(connection, work)
        with connection.begin() as transaction:
            answer = work(connection)
            try:
                transaction.commit()
            except sa.exc.DBAPIError as error:
                if error_codes.is_passing(error) and not error_codes.was_taken_back(error):
                    raise FateUnknown(url=self.url) from error
                raise
            return answer

    def _alone(self, connection: sa.Connection, work: Callable[[sa.Connection], T]) -> T:
        if connection.invalidated:
            connection.connection.cursor().close()  # it is made anew, before anything can be in doubt
        try:
            with single(connection):
                return work(connection)
        except sa.exc.DBAPIError as error:
            if error_codes.is_broken(error):
                raise FateUnknown(url=self.url) from error
            raise

    @contextmanager
    def watch(self, connection: sa.Connection) -> Iterator[FileWatch | None]:
        """What tells that another connection wrote, for as long as the block; None where nobody can be asked."""
        if self.dialect != "sqlite":
            yield None
            return
        from process_manager.database import sqlite  # it made the connection

        with closing(sqlite.watch(connection, self.file)) as watch:
            yield watch

    def require_same(self) -> None:
        """DatabaseReplaced when the file that connections have open is not there any more."""
        if self.file is not None:
            self.file.check()

    def can_listen(self, connection: sa.Connection) -> bool:
        """Whether this connection can be told what others say: not through a pooler, where its session changes."""
        return self.dialect == "postgresql" and not _postgresql().is_pooled(connection)

    def whole_url(self) -> str:
        """The URL to connect again with, its password in plain text: never for a log, an error or an argument."""
        return self.engine.url.render_as_string(hide_password=False)

    def close(self) -> None:
        """Close every connection that no block holds."""
        self.engine.dispose()


def single(connection: sa.Connection) -> AbstractContextManager[object]:
    """A write transaction for one statement, on a connection of ours; where that can be, without any other call."""
    return _postgresql().single(connection) if connection.dialect.name == "postgresql" else connection.begin()


def ask(connection: sa.Connection, statement: sa.Executable, given: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    """What a statement answers that is always the same object, sent by the shortest way there is.

    Its columns are numbers, texts and moments: what a driver knows by itself where it is asked itself.
    """
    if connection.dialect.driver != "psycopg":
        return connection.execute(statement, given).all()
    answer: Sequence[Sequence[Any]] = _postgresql().ask(connection, statement, given)
    return answer


@cache
def _postgresql() -> ModuleType:
    from process_manager.database import postgresql  # not where it is not used: its driver may not be there

    return postgresql


def connect(url: str, *, deadline: timedelta = timedelta(seconds=20)) -> Database:
    """Return the database that a URL names; it is not asked anything yet.

    Args:
        url: An SQLAlchemy URL of SQLite, PostgreSQL, SQL Server or MariaDB.
        deadline: How long a call waits for an answer, at most.

    Returns:
        The database; close it when it is not needed any more.

    Raises:
        DatabaseUnreachable: The URL names no database in which the engine's tables can lie, or its driver is missing.
    """
    shown = safe_url(url)
    parsed = url_parsing.read(url, example="one such as sqlite:///process-manager.db.")
    name = parsed.get_backend_name()
    if name != "sqlite" and name not in server_engine.DIALECTS:
        raise DatabaseUnreachable(
            url=shown,
            problem=f"the engine's own tables cannot lie in {name}",
            cure="Write sqlite:///…, postgresql+psycopg://…, mssql+pyodbc://… or mariadb+pyodbc://….",
        )
    if name != "sqlite":
        return Database(server_engine.engine(parsed, deadline=deadline, shown=shown), shown)
    from process_manager.database import sqlite  # not where it is not used: each driver takes megabytes

    file = sqlite.identity(parsed, shown)
    return Database(sqlite.engine(parsed, file, deadline=deadline), shown, file=file)
