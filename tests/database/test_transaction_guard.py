"""A transaction is whole or nothing: what a database took back is not gone on with, by a step, a caller or anybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
import sqlalchemy as sa
from booking import BOOK, booking, lines
from rig import Three, execute, history, start, status, work
from spoiled_transactions import Spoiler, spoiler

from process_manager import Done, StepRun, operations
from process_manager.database import Database, ask
from process_manager.database.error_codes import RolledBack
from tests.operations.test_joining import callers, fit

pytestmark = pytest.mark.every_database

REFUSED = (
    r"rolled this transaction back after the error: .*\. Nothing of it was kept: roll back, and run all of it again\.$"
)


ALONE = ("sqlite", "mariadb")
"""Where such a statement is taken back alone."""


@pytest.fixture
def spoil(books: Database) -> Iterator[Spoiler]:
    with spoiler(books) as made:
        yield made


def write(connection: sa.Connection, line: str) -> None:
    connection.execute(BOOK, {"line": line})


def test_after_an_error_that_rolled_all_back_nothing_more_is_done_until_a_rollback(
    books: Database, spoil: Spoiler
) -> None:
    with books.connect() as connection:
        write(connection, "before")
        spoil.spoil(connection)
        for _try in range(2):
            with pytest.raises(RolledBack, match=REFUSED):
                write(connection, "after")
        with pytest.raises(RolledBack), connection.begin_nested():
            pass

        connection.rollback()
        write(connection, "anew")
        connection.commit()
        assert not connection.dispatch.before_cursor_execute

    assert lines(books) == ["anew"]


def test_a_commit_of_what_was_rolled_back_is_told_as_such_and_the_connection_is_as_new(
    books: Database, spoil: Spoiler
) -> None:
    with books.connect() as connection:
        with pytest.raises(RolledBack, match=REFUSED), connection.begin():
            write(connection, "before")
            spoil.spoil(connection)
        with pytest.raises(RolledBack):
            write(connection, "before")
            spoil.spoil(connection)
            connection.commit()
        connection.rollback()
        with connection.begin():
            write(connection, "anew")

    assert lines(books) == ["anew"]


def test_a_step_that_passes_over_such_an_error_is_done_anew_and_never_by_half(books: Database, spoil: Spoiler) -> None:
    runs = []

    def answer(run: StepRun) -> Done:
        runs.append(run)
        if len(runs) == 1:
            spoil.spoil(run.connection)
        return Done("booked")

    process = booking(answer)
    process_id = start(books, process)
    work(books, process)
    execute(books, "UPDATE processes SET due_at = created_at WHERE status = 'waiting'")
    work(books, process)

    assert status(books, process_id) == "succeeded"
    assert lines(books) == [str(process_id)]
    assert len(runs) == 2
    told = [each.message for each in history(books, process_id) if each.outcome == "retry"]
    assert all("rolled this transaction back after the error" in message for message in told)


def test_a_start_in_a_caller_s_transaction_is_never_committed_by_half(books: Database, spoil: Spoiler) -> None:
    with callers(books, **fit(books)) as engine, suppress(RolledBack), engine.begin() as connection:
        write(connection, "before")
        operations.start(connection, Three)
        spoil.spoil(connection)
        with pytest.raises(RolledBack, match=REFUSED):
            write(connection, "after")

    assert (lines(books), execute(books, "SELECT count(*) FROM processes")) == ([], [(0,)])


def test_a_savepoint_rolls_back_what_it_can_and_what_came_before_it_stays(books: Database) -> None:
    with books.begin() as connection:
        write(connection, "before")
        with pytest.raises(sa.exc.DBAPIError), connection.begin_nested():
            write(connection, "within")
            connection.execute(sa.text("INSERT INTO book (line) VALUES (NULL)"))
        with connection.begin_nested():
            with pytest.raises(sa.exc.DBAPIError), connection.begin_nested():
                connection.execute(sa.text("INSERT INTO book (line) VALUES (NULL)"))
            write(connection, "after")

    assert lines(books) == ["before", "after"]


def test_a_savepoint_in_an_author_s_own_words_rolls_back_what_it_can_too(books: Database) -> None:
    save, back = (
        ("SAVE TRANSACTION mine", "ROLLBACK TRANSACTION mine")
        if books.dialect == "mssql"
        else ("SAVEPOINT mine", "rollback to SAVEPOINT mine")
    )
    with books.connect() as connection:
        write(connection, "before")
        if books.dialect == "mssql":
            connection.exec_driver_sql("SET XACT_ABORT OFF")
        connection.exec_driver_sql(save)
        with pytest.raises(sa.exc.DBAPIError):
            connection.execute(sa.text("INSERT INTO book (line) VALUES (NULL)"))
        connection.exec_driver_sql(back)
        write(connection, "after")
        connection.commit()
        if books.dialect == "mssql":
            connection.exec_driver_sql("SET XACT_ABORT ON")

    assert lines(books) == ["before", "after"]


def test_no_word_of_an_author_s_brings_back_what_went_with_its_savepoint(books: Database, spoil: Spoiler) -> None:
    if books.dialect == "postgresql":
        pytest.skip("there a savepoint outlives every error")
    save, back = (
        ("SAVE TRANSACTION mine", "rollback transaction mine")
        if books.dialect == "mssql"
        else ("SAVEPOINT mine", "rollback to savepoint mine")
    )
    with books.connect() as connection:
        write(connection, "before")
        connection.exec_driver_sql(save)
        spoil.spoil(connection)
        with pytest.raises(RolledBack):
            connection.exec_driver_sql(back)
        with pytest.raises(RolledBack, match=REFUSED):
            write(connection, "after")
        connection.rollback()

    assert lines(books) == []


def test_a_savepoint_that_went_with_its_transaction_is_no_way_to_go_on(books: Database, spoil: Spoiler) -> None:
    if books.dialect == "postgresql":
        pytest.skip("there a savepoint outlives every error")
    with books.connect() as connection:
        write(connection, "before")
        with suppress(RolledBack), connection.begin_nested():
            spoil.spoil(connection)
        if books.dialect != "mssql":  # whose savepoints hold
            with pytest.raises(RolledBack, match=REFUSED):
                write(connection, "after")
        connection.rollback()

    assert lines(books) == []


def test_what_the_engine_sends_by_the_driver_itself_is_heard_of_too(books: Database) -> None:
    broken = {"mariadb": "SELECT * FROM nowhere", "sqlite": "SELECT * FROM nowhere"}.get(books.dialect, "SELECT 1 / 0")
    statement = sa.text(broken)
    with books.connect() as connection:
        write(connection, "before")
        with pytest.raises(sa.exc.DBAPIError):
            ask(connection, statement, {})
        if books.dialect in ALONE:
            connection.commit()
        else:
            with pytest.raises(RolledBack, match=REFUSED):
                connection.commit()
            connection.rollback()

    assert lines(books) == (["before"] if books.dialect in ALONE else [])


def test_a_lock_that_was_not_got_in_time_rolls_back_the_statement_alone_on_mariadb(
    books: Database, spoil: Spoiler
) -> None:
    if books.dialect != "mariadb":
        pytest.skip("it is about MariaDB's innodb_rollback_on_timeout, which is off unless somebody sets it")
    first = sa.text("UPDATE pair SET x = x + 1 WHERE id = 1")
    with books.connect() as holder, books.begin() as connection:
        holder.execute(first)
        connection.exec_driver_sql("SET SESSION innodb_lock_wait_timeout = 1")
        write(connection, "before")
        with pytest.raises(sa.exc.DBAPIError, match=r"\(1205\)"):
            connection.execute(first)
        write(connection, "after")
        holder.rollback()

    assert lines(books) == ["before", "after"]
