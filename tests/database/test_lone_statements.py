"""Statements that the driver is sent by ourselves: in whose transaction they are, and what they are told by."""

from datetime import UTC, timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from backends import overheard
from rig import Bench, Three, execute, start

from process_manager import clock, operations
from process_manager.database import Database, ask, connect, single
from process_manager.operations import Start
from process_manager.store import claiming
from process_manager.store.claiming import Lease
from tests.worker.test_succession import One

pytestmark = pytest.mark.parametrize("database", ["postgresql_18"], indirect=True)

COUNT = "SELECT count(*) FROM processes"
CHANGE = "ALTER TABLE processes ALTER COLUMN reference"


def take(connection: sa.Connection) -> None:
    """The first process, by a statement of ours."""
    given = {**claiming.lease_values(Lease("w", clock.now(), clock.now())), "process_id": 1}
    ask(connection, claiming.claim_one_change().update, given)


def test_a_start_joins_a_transaction_of_an_engine_of_the_programs_own(database: Database) -> None:
    url = sa.make_url(database.whole_url()).set(drivername="postgresql+psycopg")
    theirs = sa.create_engine(url, connect_args={"options": "-c timezone=Asia/Tokyo"})
    at = clock.now() + timedelta(hours=1)
    with theirs.begin() as connection:
        operations.start(connection, Three, at=at)
    with theirs.begin() as connection:
        operations.start_many(connection, [Start(Three), Start(Three, order_key="k", dedup_key="d")])
    with theirs.connect() as connection:
        operations.start(connection, Three)
        connection.rollback()
    theirs.dispose()

    assert execute(database, COUNT) == [(3,)]
    assert execute(database, "SELECT due_at FROM processes WHERE id = 1") == [(at,)]


def test_a_transaction_on_a_connection_made_anew_from_the_pool_is_one(database: Database) -> None:
    with database.connect() as one, database.connect() as other:
        with one.begin():
            backend = one.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        with single(other):
            claiming.still_held(other, [(1, 1)])
        other.close()  # it lies in the pool, and commits by itself
        url = sa.make_url(database.whole_url()).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as killer:
            killer.execute(f"SELECT pg_terminate_backend({backend})".encode())
        with pytest.raises(sa.exc.DBAPIError), one.begin():
            operations.start(one, Three)

        with pytest.raises(ZeroDivisionError), one.begin():
            operations.start(one, Three)
            raise ZeroDivisionError

    assert execute(database, COUNT) == [(0,)]


def test_what_is_asked_in_a_savepoint_is_rolled_back_with_it(database: Database) -> None:
    with database.connect() as connection:
        with connection.begin():
            with pytest.raises(ZeroDivisionError), connection.begin_nested():
                operations.start(connection, Three)
                raise ZeroDivisionError
            operations.start(connection, Three)
        connection.rollback()

    assert execute(database, COUNT) == [(1,)]


def test_nothing_is_left_open_when_a_transaction_ended_within_single(database: Database) -> None:
    start(database)
    with database.connect() as connection:
        with single(connection):
            connection.execute(sa.text("SELECT 1"))
            connection.commit()
            take(connection)
        driver: Any = connection.connection.driver_connection
        assert driver.info.transaction_status == psycopg.pq.TransactionStatus.IDLE

    assert execute(database, "SELECT status FROM processes") == [("running",)]


def test_what_was_written_beside_it_within_single_is_committed_with_the_block(database: Database) -> None:
    start(database)
    with database.connect() as connection, single(connection):
        connection.execute(sa.text("UPDATE processes SET reference = 'R'"))
        take(connection)

    assert execute(database, "SELECT status, reference FROM processes") == [("running", "R")]


def test_single_is_refused_within_a_transaction(database: Database) -> None:
    with database.connect() as connection, connection.begin(), pytest.raises(sa.exc.InvalidRequestError):  # noqa: SIM117
        with single(connection):
            pass


def test_a_driver_that_is_closed_is_told_of_in_the_words_everybody_knows(database: Database) -> None:
    start(database)
    bench = Bench(database)
    (job,) = bench.write()
    bench.run(job)
    with database.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.close()
        with pytest.raises(sa.exc.DBAPIError):
            bench.claims.write(connection, claim=False)


@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_leaves_a_connection_that_can_be_used(
    database: Database, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    plain = database.engine.dialect.do_execute

    def interrupted(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:
        if times == 1:
            plain(cursor, statement, parameters, context)
        else:  # the second comes while the driver sees to the first: the answer is never read
            cursor.connection.pgconn.send_query(b"SELECT pg_sleep(0.1)")
        raise KeyboardInterrupt

    with database.connect() as connection:
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt), connection.begin():
            patch.setattr(database.engine.dialect, "do_execute", interrupted)
            operations.start(connection, Three)
        with connection.begin():
            operations.start(connection, Three)

    assert execute(database, COUNT) == [(1,)]


def test_whoever_listens_hears_all_that_there_is_to_hear(database: Database) -> None:
    begun: list[Any] = []
    ended: list[Any] = []

    def before(_c: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        context.span = statement  # as tracers do
        begun.append(statement)

    def after(_c: Any, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
        ended.append(context.span)

    sa.event.listen(sa.Engine, "before_cursor_execute", before)
    sa.event.listen(sa.Engine, "after_cursor_execute", after)
    try:
        start(database)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", before)
        sa.event.remove(sa.Engine, "after_cursor_execute", after)

    assert any(each.startswith("INSERT INTO processes") for each in begun)
    assert begun == ended


def test_moments_are_in_utc_whatever_zone_the_url_asks_for(database: Database) -> None:
    at = clock.now() - timedelta(hours=1)
    url = sa.make_url(database.whole_url()).update_query_dict({"options": "-c timezone=Europe/Copenhagen"})
    elsewhere = connect(url.render_as_string(hide_password=False))
    start(elsewhere, at=at)
    (job,) = Bench(elsewhere).write()
    elsewhere.close()

    assert job.claim.ready_at == at
    assert (job.claim.step_started_at.tzinfo, job.claim.ready_at.tzinfo) == (UTC, UTC)


def test_a_parameter_that_is_not_given_is_refused(database: Database) -> None:
    with database.connect() as connection, pytest.raises(KeyError, match="worker_name"):
        ask(connection, claiming.claim_one_change().update, {"process_id": 1})


def test_a_column_that_is_changed_while_a_worker_holds_its_statements_fails_no_process(
    database: Database, request: pytest.FixtureRequest
) -> None:
    for _ in range(10):
        start(database, One, order_key="k")
    bench = Bench(database, One)
    (job,) = bench.write()
    bench.write()
    with database.connect() as connection:
        for number in range(9):
            bench.run(job)
            if number == 7:  # by now the server keeps them
                request.addfinalizer(lambda: execute(database, f"{CHANGE} TYPE varchar(200)"))
                execute(database, f"{CHANGE} TYPE varchar(400)")
            while not (jobs := bench.claims.take_ready()):
                bench.claims.write(connection, claim=True)
            (job,) = jobs

    assert execute(database, "SELECT DISTINCT status FROM processes WHERE finished_at IS NOT NULL") == [("succeeded",)]


@pytest.mark.parametrize("text", ["50 % %s %(x)s $1 :x", "ä" * 1_000_000, "'\\", ""])
def test_a_text_is_stored_as_it_is_alone_and_with_others(database: Database, text: str) -> None:
    with database.begin() as connection:
        operations.start(connection, Three, {"x": text})
        operations.start_many(connection, [Start(Three, {"x": text}), Start(Three, {"x": text})])

    assert execute(database, "SELECT DISTINCT CAST(parameters AS json) ->> 'x' FROM processes") == [(text,)]


def test_a_lone_statement_whose_commit_fails_leaves_no_transaction_behind(database: Database) -> None:
    execute(database, "CREATE TABLE places (n INTEGER UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    twice = sa.text("INSERT INTO places VALUES (:n), (:n) RETURNING n")
    try:
        with overheard(database), database.connect() as connection:  # who is listened to has a transaction
            with pytest.raises(sa.exc.IntegrityError), single(connection):
                ask(connection, twice, {"n": 1})

            assert not connection.in_transaction()
            with connection.begin():
                assert connection.exec_driver_sql("SELECT count(*) FROM places").scalar() == 0
    finally:
        execute(database, "DROP TABLE places")
