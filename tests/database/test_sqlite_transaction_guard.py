"""SQLite takes a transaction back by itself when its disk is full, or a COMMIT fails; nothing is done in its place."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rig import Bench, execute, outcomes, row, start, work
from rig import claim_request as of

from process_manager import Done, Process, Step, StepRun
from process_manager.database import Database
from process_manager.database.error_codes import RolledBack
from process_manager.integrations import databases
from process_manager.store import claiming
from tests.worker.test_claims import let_leases_end

BOOK = sa.text("INSERT INTO book (line) VALUES (:line)")


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[sa.Engine]:
    """A database of the office with a rollback journal, which makes a COMMIT wait for readers, but not for long."""
    file = tmp_path / "office.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE book (line TEXT)")
    engine = databases.engine(f"sqlite:///{file}")
    yield engine
    databases.engine.cache_clear()


def lines(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(sa.text("SELECT line FROM book")).scalars())


def fill(connection: sa.Connection) -> None:
    """SQLITE_FULL, as on a full disk."""
    driver: Any = connection.connection.dbapi_connection
    pages = driver.execute("PRAGMA page_count").fetchone()[0]
    driver.execute(f"PRAGMA max_page_count = {pages}")
    try:
        with pytest.raises(sa.exc.OperationalError, match="disk is full"):
            connection.execute(BOOK, {"line": "x" * 1_000_000})
    finally:
        driver.execute("PRAGMA max_page_count = 1000000000")


def test_a_full_disk_rolls_all_back_and_what_comes_after_is_refused(outside: sa.Engine) -> None:
    with pytest.raises(RolledBack, match=r"^SQLite rolled this transaction back"), outside.begin() as connection:
        connection.execute(BOOK, {"line": "before"})
        fill(connection)
        connection.execute(BOOK, {"line": "after"})

    assert lines(outside) == []


def test_a_step_that_passes_over_a_full_disk_is_done_anew(books: Database) -> None:
    tries = []

    class Filling(Process):
        STEPS = {"do": Step("do", effect="transactional")}

        def do(self, run: StepRun) -> Done:
            run.connection.execute(BOOK, {"line": "before"})
            tries.append(run)
            if len(tries) == 1:
                fill(run.connection)
            return Done()

    process_id = start(books, Filling)
    work(books, Filling)

    assert execute(books, "SELECT line FROM book") == [("before",)]
    assert (len(tries), outcomes(books, process_id)) == (2, [("do", "done")])


def test_a_statement_that_is_refused_alone_leaves_the_rest(outside: sa.Engine) -> None:
    with outside.begin() as connection:
        connection.execute(BOOK, {"line": "before"})
        with pytest.raises(sa.exc.OperationalError):
            connection.execute(sa.text("INSERT INTO nowhere VALUES (1)"))
        connection.execute(BOOK, {"line": "after"})

    assert lines(outside) == ["before", "after"]


def test_what_a_commit_could_not_write_is_not_written_by_the_next(outside: sa.Engine) -> None:
    file = str(outside.url.database)
    with outside.connect() as connection, closing(sqlite3.connect(file, isolation_level=None)) as reader:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
        connection.rollback()
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM book").fetchall()
        with pytest.raises(sa.exc.OperationalError, match="locked"), connection.begin():
            connection.execute(BOOK, {"line": "before"})
        reader.execute("COMMIT")

        with connection.begin():
            connection.execute(BOOK, {"line": "after"})

    assert lines(outside) == ["after"]


def test_an_answer_is_not_lost_with_a_takeover_that_rolled_all_back(database: Database) -> None:
    left = [start(database), start(database)]
    Bench(database, name="gone").write()
    let_leases_end(database)
    bench = Bench(database)
    answered = start(database)
    with database.begin() as connection:
        (held,) = claiming.claim_due(connection, of(("three", 1)), bench.claims._poller.lease(), limit=1)
    bench.claims.take_up([held])
    bench.run(*bench.claims.take_ready())
    execute(
        database,
        f"CREATE TRIGGER spoiled BEFORE INSERT ON process_steps WHEN NEW.process_id = {left[1]}"
        " BEGIN SELECT RAISE(ROLLBACK, 'it is refused, and all with it'); END",
    )

    bench.write()

    assert outcomes(database, answered) == [("a", "done"), ("b", "started")]
    assert [row(database, id_)["worker"] for id_ in left] == ["gone", "gone"]
