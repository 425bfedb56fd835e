"""The engine's own database: connections and transactions. Transactions belong to the caller."""

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

PAUSES: Final = (0.02, 0.05, 0.1, 0.3, 1.0)
"""The longest pauses, in seconds, before a transaction that the database rolled back is run again."""


class Database:
    """A place to run transactions; every error of connecting is one sentence."""

    def __init__(self, engine: sa.Engine, url: str, *, file: FileIdentity | None = None) -> None:
        self.engine = engine
        self.file = file  # which SQLite file is open
        self.url = short_url(url)  # for messages: without its password
        self.dialect = engine.dialect.name
        joined_transactions.trust(engine)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Open a write transaction: committed at the end of the block, rolled back when it raises."""
        with error_codes.explained(self.url), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a read transaction: it never waits for a writer, except on a SQL Server without row versions.

        Without READ_COMMITTED_SNAPSHOT, a read there waits as long as a write does, and may be chosen as a deadlock
        victim. That is reported as a database that cannot be used just now, and the caller tries again. `doctor` warns
        of it.
        """
        with error_codes.explained(self.url), self.engine.connect() as connection:
            yield connection.execution_options(sqlite_begin="BEGIN")

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """Open a connection to keep, for a thread that runs many transactions of its own."""
        with error_codes.explained(self.url), self.engine.connect() as connection:
            yield connection

    def run(self, work: Callable[[sa.Connection], T]) -> T:
        """Run `work` in a write transaction of its own, and run it again whenever the database rolled it back.

        Returns:
            What `work` returns.

        Raises:
            FateUnknown: The connection broke during the commit: it may have happened, and is not repeated.
        """
        with error_codes.explained(self.url):
            for pause in PAUSES:
                try:
                    return self._once(work)
                except sa.exc.DBAPIError as error:
                    if not error_codes.is_transient(error):
                        raise
                threading.Event().wait(pause * random.random())  # noqa: S311 - no secret: it only spreads retries
            return self._once(work)

    def _once(self, work: Callable[[sa.Connection], T]) -> T:
        with self.engine.connect() as connection:
            return self.within(connection, work)

    def within(self, connection: sa.Connection, work: Callable[[sa.Connection], T], *, alone: bool = False) -> T:
        """Run `work` in a write transaction on this connection.

        Args:
            connection: A connection without a transaction.
            work: What to run.
            alone: `work` is a single statement.

        Returns:
            What `work` returns.

        Raises:
            FateUnknown: The connection broke during the commit: it may or may not have happened.
        """
        if alone and self.dialect == "postgresql":
            return self._alone(connection, work)
        with connection.begin() as transaction:
            answer = work(connection)
            try:
                transaction.commit()
            except sa.exc.DBAPIError as error:
                if error_codes.is_transient(error) and not error_codes.was_rolled_back(error):
                    raise FateUnknown(url=self.url) from error
                raise
            return answer

    def _alone(self, connection: sa.Connection, work: Callable[[sa.Connection], T]) -> T:
        if connection.invalidated:
            connection.connection.cursor().close()  # reconnects, before anything can be in doubt
        try:
            with single(connection):
                return work(connection)
        except sa.exc.DBAPIError as error:
            if error_codes.is_broken(error):
                raise FateUnknown(url=self.url) from error
            raise

    @contextmanager
    def watch(self, connection: sa.Connection) -> Iterator[FileWatch | None]:
        """Watch for commits of other connections during the block; yield None on a server, which cannot be watched."""
        if self.dialect != "sqlite":
            yield None
            return
        from process_manager.database import sqlite  # loaded already: it made the connection

        with closing(sqlite.watch(connection, self.file)) as watch:
            yield watch

    def require_same(self) -> None:
        """Raise DatabaseReplaced when the file that the connections have open was removed or replaced."""
        if self.file is not None:
            self.file.check()

    def can_listen(self, connection: sa.Connection) -> bool:
        """Return whether this connection can be notified: not through a pooler, where its session changes."""
        return self.dialect == "postgresql" and not _postgresql().is_pooled(connection)

    def whole_url(self) -> str:
        """Return the URL to connect again with, including its password: never for a log, an error or an argument."""
        return self.engine.url.render_as_string(hide_password=False)

    def close(self) -> None:
        """Close every connection that no block holds."""
        self.engine.dispose()


def single(connection: sa.Connection) -> AbstractContextManager[object]:
    """Open a write transaction for one statement; PostgreSQL needs no other call for it."""
    return _postgresql().single(connection) if connection.dialect.name == "postgresql" else connection.begin()


def ask(connection: sa.Connection, statement: sa.Executable, given: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    """Run a statement that is always the same object, by the shortest way there is, and return its rows.

    Its columns are numbers, texts and moments: types that a driver converts by itself.
    """
    if connection.dialect.driver != "psycopg":
        return connection.execute(statement, given).all()
    answer: Sequence[Sequence[Any]] = _postgresql().ask(connection, statement, given)
    return answer


@cache
def _postgresql() -> ModuleType:
    from process_manager.database import postgresql  # only when used: its driver may not be installed

    return postgresql


def connect(url: str, *, call_timeout: timedelta = timedelta(seconds=20)) -> Database:
    """Return the database that a URL names, without connecting to it yet.

    Args:
        url: An SQLAlchemy URL of SQLite, PostgreSQL, SQL Server or MariaDB.
        call_timeout: How long a call waits for an answer, at most.

    Returns:
        The database; close it when it is not needed any more.

    Raises:
        DatabaseUnreachable: The URL names no database that can hold the engine's tables, or its driver is missing.
    """
    shown = safe_url(url)
    parsed = url_parsing.read(url, example="one such as sqlite:///process-manager.db.")
    name = parsed.get_backend_name()
    if name != "sqlite" and name not in server_engine.DIALECTS:
        raise DatabaseUnreachable(
            url=shown,
            problem=f"the engine's own tables cannot be in {name}",
            hint="Write sqlite:///…, postgresql+psycopg://…, mssql+pyodbc://… or mariadb+pyodbc://….",
        )
    if name != "sqlite":
        return Database(server_engine.engine(parsed, call_timeout=call_timeout, shown=shown), shown)
    from process_manager.database import sqlite  # only when used: each driver takes megabytes

    file = sqlite.identity(parsed, shown)
    return Database(sqlite.engine(parsed, file, call_timeout=call_timeout), shown, file=file)
