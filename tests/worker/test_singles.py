"""A record that is committed as it is executed: a reply that is lost and a connection that breaks cost nothing."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from rig import NOON, Bench, Three, execute, outcomes, start

from process_manager import Done, Reject, Retry, Skip, Wait, operations
from process_manager.database import Database
from process_manager.lifecycle.transition import StepResult
from process_manager.store import recording

pytestmark = pytest.mark.parametrize("database", ["postgresql_18", "postgresql_16"], indirect=True)


HOUR = timedelta(hours=1)


def answered(database: Database) -> Bench:
    """A worker that has the answer of a first step to record."""
    start(database)
    bench = Bench(database)
    (job,) = bench.write()
    bench.run(job)
    return bench


def is_in_order(connection: sa.Connection) -> bool:
    """Whether a transaction that begins now is one."""
    with connection.begin():
        driver: Any = connection.connection.driver_connection
        return not driver.autocommit


@pytest.mark.slow
def test_a_record_whose_reply_is_lost_counts_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = answered(database)
    plain, modes = database.engine.dialect.do_execute, []
    with database.connect() as connection:
        driver: Any = connection.connection.driver_connection

        def execute_and_lose(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
            plain(cursor, statement, parameters, context)
            if "INSERT INTO process_steps" in statement and not modes:
                modes.append(driver.autocommit)
                driver.close()
                raise psycopg.OperationalError("the reply is lost")

        monkeypatch.setattr(database.engine.dialect, "do_execute", execute_and_lose)
        with pytest.raises(sa.exc.DBAPIError):
            bench.claims.write(connection, claim=False)
        bench.claims.unconfirmed.may_exist()
        bench.claims.write(connection, claim=False)

        assert modes == [True]
        assert is_in_order(connection)
    assert outcomes(database, 1) == [("a", "done"), ("b", "started")]
    assert [job.run.step for job in bench.claims.take_ready()] == ["b"]
    assert bench.claims.stats.refused == 0


def test_a_record_outlives_a_connection_that_is_ended_and_a_server_that_is_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = answered(database)
    with database.connect() as connection:
        with connection.begin():
            backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        execute(database, f"SELECT pg_terminate_backend({backend})")
        with pytest.raises(sa.exc.DBAPIError):
            bench.claims.write(connection, claim=False)
        database.close()  # what lies in the pool, too
        with monkeypatch.context() as away:
            away.setattr(psycopg.Connection, "connect", refused)
            for _ in range(2):
                with pytest.raises(sa.exc.DBAPIError):
                    bench.claims.write(connection, claim=False)

        bench.claims.write(connection, claim=False)

        assert is_in_order(connection)
    assert outcomes(database, 1) == [("a", "done"), ("b", "started")]


def refused(*_arguments: object, **_options: object) -> None:
    raise psycopg.OperationalError("connection refused")


def test_what_is_started_without_a_word_of_a_transaction_is_the_callers_to_commit(database: Database) -> None:
    with database.connect() as connection:
        operations.start(connection, Three)
        connection.rollback()
        left = execute(database, "SELECT count(*) FROM processes")
        operations.start(connection, Three)
        connection.commit()

    assert left == [(0,)]
    assert execute(database, "SELECT count(*) FROM processes") == [(1,)]


def test_a_record_is_the_same_alone_as_with_another(database: Database) -> None:
    ends = [
        Done(payload={"ä": "ö' \\"}, message="50 %"),
        Skip("so"),
        Reject("no", code="x"),
        Retry("later"),
        Wait("not yet", after=HOUR),
    ]
    with database.connect() as connection:
        for end in ends:
            start(database)
            start(database)
            bench = Bench(database)
            one, two = bench.write()
            alone = bench.claims.decide(one, StepResult(end, NOON, NOON, error="Traceback: ü"))
            other = alone._replace(claim=two.claim)
            with connection.begin():
                assert recording.record(connection, [alone]).kept == [alone]
                assert recording.record(connection, [other, alone]).kept == [other]

            for table, key in (("processes", "id"), ("process_steps", "process_id")):
                assert told(database, table, key, one.claim.id) == told(database, table, key, two.claim.id) != []


def told(database: Database, table: str, key: str, process_id: int) -> list[dict[str, object]]:
    """The rows of a process, but for what tells it from another."""
    with database.read() as connection:
        rows = connection.exec_driver_sql(f"SELECT * FROM {table} WHERE {key} = {process_id}").mappings()  # noqa: S608
        return [{name: value for name, value in row.items() if name not in (key, "created_at")} for row in rows]
