"""Statements that the driver is sent alone, and that the server keeps prepared: when, how many, and when anew."""

from typing import Any

import pytest
import sqlalchemy as sa
from rig import execute, start

from process_manager import clock
from process_manager.database import Database, ask, single
from process_manager.store import claiming
from process_manager.store.claiming import Lease

pytestmark = pytest.mark.parametrize("database", ["postgresql_18"], indirect=True)

CHANGE = "ALTER TABLE processes ALTER COLUMN reference"


def take(connection: sa.Connection) -> None:
    """The first process, by a statement of ours."""
    given = {**claiming.lease_values(Lease("w", clock.now(), clock.now())), "process_id": 1}
    ask(connection, claiming.claim_one_change().update, given)


def prepared(connection: sa.Connection) -> set[str]:
    """What the server keeps of statements sent alone."""
    names = connection.exec_driver_sql("SELECT name FROM pg_prepared_statements").scalars()
    return {name for name in names if name.startswith("process_manager")}


def remembered(connection: sa.Connection) -> set[str]:
    """What we know to be kept there: the rest would be kept for nothing as long as the connection lives."""
    driver: Any = connection.connection.dbapi_connection
    return {name.decode() for name in driver.sender._names.values()}


ASKED = sa.text("SELECT CAST(:text AS text), CAST(:number AS bigint)")


def test_a_lone_statement_is_prepared_when_it_is_first_sent_and_once(database: Database) -> None:
    with database.connect() as connection:
        for number in range(3):
            with single(connection):
                assert ask(connection, ASKED, {"text": "ä", "number": str(number)}) == [("ä", number)]
        with connection.begin():
            assert len(prepared(connection)) == 1


def test_a_lone_statement_is_sent_though_a_rollback_made_the_server_forget_it(database: Database) -> None:
    with database.connect() as connection:
        with single(connection):
            ask(connection, ASKED, {"text": "a", "number": "1"})
        with connection.begin() as transaction:
            for _ in range(10):  # until the driver keeps a statement of its own, which it drops after a rollback
                connection.exec_driver_sql("SELECT 1")
            transaction.rollback()
        with connection.begin():
            connection.exec_driver_sql("SELECT 1")
            assert prepared(connection) == set()

        for _ in range(2):
            with single(connection):
                assert ask(connection, ASKED, {"text": "b", "number": "2"}) == [("b", 2)]
        with connection.begin():
            assert len(prepared(connection)) == 1


@pytest.mark.parametrize("text", ["50 % %s %(x)s $1 :x", "ä" * 1_000_000, "'\\", "", None])
def test_a_lone_statement_takes_a_text_as_it_is(database: Database, text: str | None) -> None:
    with database.connect() as connection, single(connection):
        assert ask(connection, ASKED, {"text": text, "number": None}) == [(text, None)]


def test_a_lone_statement_refuses_a_text_that_the_server_would_cut(database: Database) -> None:
    with database.connect() as connection, single(connection), pytest.raises(sa.exc.DataError, match="NUL"):
        ask(connection, ASKED, {"text": "a\0b", "number": "1"})


def test_a_lone_statement_that_fails_says_why_and_the_next_one_does_not(database: Database) -> None:
    with database.connect() as connection:
        for _ in range(2):
            with pytest.raises(sa.exc.DataError, match="invalid input syntax for type bigint"), single(connection):
                ask(connection, ASKED, {"text": "a", "number": "many"})
            with single(connection):
                assert ask(connection, ASKED, {"text": "a", "number": "1"}) == [("a", 1)]


@pytest.mark.parametrize("before", [0, 9])
def test_a_lone_statement_is_sent_though_a_column_of_its_answer_was_changed(
    database: Database, request: pytest.FixtureRequest, before: int
) -> None:
    start(database)
    with database.connect() as connection:
        for _ in range(before):  # until the driver keeps the statement itself, too
            with connection.begin():
                take(connection)
        with single(connection):
            take(connection)
        known = prepared(connection)
        connection.rollback()
        request.addfinalizer(lambda: execute(database, f"{CHANGE} TYPE varchar(200)"))
        execute(database, f"{CHANGE} TYPE varchar(400)")

        for _ in range(3):
            with single(connection):
                take(connection)
        now = prepared(connection)
        assert len(now - known) == 1
        assert now <= remembered(connection)

    assert execute(database, "SELECT status FROM processes") == [("running",)]


def test_a_connection_keeps_no_more_prepared_statements_than_the_driver_would(database: Database) -> None:
    with database.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.prepared_max = 3
        for number in [*range(6), 0, 5]:
            with single(connection):
                statement = sa.text(f"SELECT CAST(:text AS text), {number}")
                assert ask(connection, statement, {"text": "a"}) == [("a", number)]

        assert len(prepared(connection)) <= 3
        connection.invalidate()
