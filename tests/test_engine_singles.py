"""A record that is committed as it is executed: a reply that is lost and a connection that breaks cost nothing."""

from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from rig import Bench, execute, outcomes, start

from process_manager.database import Database

pytestmark = pytest.mark.parametrize("database", ["postgresql_18", "postgresql_16"], indirect=True)


def answered(database: Database) -> Bench:
    """A desk on which the answer of a first step lies."""
    start(database)
    bench = Bench(database)
    (job,) = bench.write()
    bench.run(job)
    return bench


def is_in_order(connection: sa.Connection) -> bool:
    driver: Any = connection.connection.driver_connection
    return not driver.autocommit


def test_a_record_whose_reply_is_lost_counts_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = answered(database)
    plain, modes = database.engine.dialect.do_execute, []
    with database.connect() as connection:
        driver: Any = connection.connection.driver_connection

        def execute_and_lose(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
            plain(cursor, statement, parameters, context)
            if "told AS" in statement and not modes:
                modes.append(driver.autocommit)
                driver.close()
                raise psycopg.OperationalError("the reply is lost")

        monkeypatch.setattr(database.engine.dialect, "do_execute", execute_and_lose)
        with pytest.raises(sa.exc.DBAPIError):
            bench.desk.write(connection, claim=False)
        bench.desk.strays.may_exist()
        bench.desk.write(connection, claim=False)

        assert modes == [True]
        assert is_in_order(connection)
    assert outcomes(database, 1) == [("a", "done"), ("b", "started")]
    assert [job.run.step for job in bench.desk.take_ready()] == ["b"]
    assert bench.desk.tally.refused == 0


def test_a_record_outlives_a_connection_that_is_ended_and_a_server_that_is_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = answered(database)
    with database.connect() as connection:
        with connection.begin():
            backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        execute(database, f"SELECT pg_terminate_backend({backend})")
        with pytest.raises(sa.exc.DBAPIError):
            bench.desk.write(connection, claim=False)
        with monkeypatch.context() as away:
            away.setattr(psycopg.Connection, "connect", refused)
            for _ in range(2):
                with pytest.raises(sa.exc.DBAPIError):
                    bench.desk.write(connection, claim=False)

        bench.desk.write(connection, claim=False)

        assert is_in_order(connection)
    assert outcomes(database, 1) == [("a", "done"), ("b", "started")]


def refused(*_arguments: object, **_options: object) -> None:
    raise psycopg.OperationalError("connection refused")
