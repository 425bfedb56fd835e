"""How each database takes a transaction back by itself: an error that a step, or anybody, may catch and pass over."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import sqlalchemy as sa
from rig import eventually, execute

from process_manager.database import Database

ENDLESS = "INSERT INTO book WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"


class Spoiler:
    """Brings the database to take a transaction back, whenever it is asked to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spoil(self, connection: sa.Connection) -> None:
        """The transaction of this connection is gone, and its error caught."""
        with pytest.raises(sa.exc.DBAPIError):
            getattr(self, f"_on_{self._database.dialect}")(connection)

    def _on_sqlite(self, connection: sa.Connection) -> None:
        """SQLITE_INTERRUPT: an insert that is broken off takes all back."""
        driver: Any = connection.connection.dbapi_connection
        driver.set_progress_handler(lambda: 1, 10_000)
        try:
            connection.execute(sa.text(ENDLESS))
        finally:
            driver.set_progress_handler(None, 0)

    def _on_postgresql(self, connection: sa.Connection) -> None:
        connection.execute(sa.text("SELECT 1 / 0"))

    def _on_mssql(self, connection: sa.Connection) -> None:
        connection.execute(sa.text("INSERT INTO book (line) VALUES (NULL)"))

    def _on_mariadb(self, connection: sa.Connection) -> None:
        """A deadlock, of which the lighter transaction is the victim."""
        connection.execute(sa.text("UPDATE pair SET x = x + 1 WHERE id = 1"))
        with self._crossing():
            connection.execute(sa.text("UPDATE pair SET x = x + 1 WHERE id = 2"))

    @contextmanager
    def _crossing(self) -> Iterator[None]:
        """Another transaction, heavier, that has the second row and waits for the first."""
        engine = self._database.engine
        with engine.connect() as other:
            other.execute(sa.text("UPDATE pair SET x = x + 1 WHERE id > 1"))
            thread = threading.Thread(target=_take_first, args=(other,))
            thread.start()
            with engine.connect() as looking:
                eventually(lambda: "LOCK WAIT" in looking.execute(STATUS).one()[2])
            try:
                yield
            finally:
                thread.join()


STATUS = sa.text("SHOW ENGINE INNODB STATUS")  # innodb_trx is made anew only for who asks less often


def _take_first(other: sa.Connection) -> None:
    with suppress(sa.exc.DBAPIError):
        other.execute(sa.text("UPDATE pair SET x = x + 1 WHERE id = 1"))
    other.rollback()


@contextmanager
def spoiler(database: Database) -> Iterator[Spoiler]:
    """For a database with a table of books."""
    if database.dialect == "mariadb":
        execute(database, "CREATE TABLE pair (id INTEGER PRIMARY KEY, x INTEGER NOT NULL) ENGINE = InnoDB")
        execute(database, f"INSERT INTO pair VALUES {', '.join(f'({id_}, 0)' for id_ in range(1, 100))}")  # noqa: S608
    yield Spoiler(database)
    if database.dialect == "mariadb":
        execute(database, "DROP TABLE pair")
