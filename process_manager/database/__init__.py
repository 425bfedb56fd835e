"""The engine's own database: connecting to it, and its transactions. Transactions belong to the caller."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from process_manager.database import failures, sqlite
from process_manager.errors import DatabaseUnreachable
from process_manager.redaction import safe_url


class Database:
    """A place to run transactions; every error of connecting is one sentence."""

    def __init__(self, engine: sa.Engine, url: str) -> None:
        self.engine = engine
        self.url = url  # without its password
        self.dialect = engine.dialect.name

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A write transaction: committed at the end of the block, rolled back when it raises."""
        with failures.explained(self.url), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A read transaction: it never waits for a writer."""
        with failures.explained(self.url), self.engine.connect() as connection:
            yield connection.execution_options(sqlite_begin="BEGIN")

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """A connection to keep, for a thread that runs many transactions of its own."""
        with failures.explained(self.url), self.engine.connect() as connection:
            yield connection

    def watch(self, connection: sa.Connection) -> Callable[[], bool]:
        """A function that says whether another connection wrote since it was last asked; it costs microseconds."""
        return sqlite.watch(connection)

    def close(self) -> None:
        """Close every connection that no block holds."""
        self.engine.dispose()


def connect(url: str, *, deadline: timedelta = timedelta(seconds=20)) -> Database:
    """The database that `url` names, not yet asked anything; DatabaseUnreachable when it cannot be one.

    No call waits for a lock longer than `deadline`.
    """
    shown = safe_url(url)
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:
        raise DatabaseUnreachable(
            url=shown, problem="it is no database URL", cure="Write one such as sqlite:///process-manager.db."
        ) from None
    if parsed.get_backend_name() != "sqlite":
        raise DatabaseUnreachable(
            url=shown,
            problem="this version of the engine keeps its own tables in SQLite only",
            cure="Set PROCESS_MANAGER_DATABASE_URL to sqlite:///…; PostgreSQL and SQL Server come later.",
        )
    return Database(sqlite.engine(parsed, deadline=deadline, shown=shown), shown)
