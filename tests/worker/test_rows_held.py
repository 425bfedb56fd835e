"""A row that another transaction holds open: only what is to be written of that process waits for it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from rig import Bench, Three, eventually, execute, odd, outcomes, row, start, status, working

from process_manager import Done, StepRun, clock, operations
from process_manager.actor import Actor
from process_manager.database import Database, postgresql_session
from process_manager.database.short_lock_wait import limited_lock_waits
from process_manager.errors import DatabaseUnreachable
from process_manager.execution.completion import LockedOut, NotStarted, Recorded
from process_manager.execution.held_step import HeldStep
from process_manager.lifecycle.claim import Claim
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.transition import Transition
from process_manager.operations import Act, Start
from process_manager.store import claiming
from process_manager.worker import shutdown
from process_manager.worker.leases import LeaseRenewer
from process_manager.worker.lock_waiter import LockWaiter
from process_manager.worker.mailbox import Mailbox
from process_manager.worker.thread_pool import ThreadPool
from tests.worker.test_lanes_held import One, answered, wait_and_write

pytestmark = pytest.mark.parametrize("database", ["postgresql_18", "mariadb"], indirect=True)


@contextmanager
def held(database: Database, *ids: int) -> Iterator[sa.Connection]:
    """Another's transaction that changed the rows of these, open for as long as the block."""
    with database.engine.begin() as other:
        for process_id in ids:
            other.execute(sa.text("UPDATE processes SET seq = seq WHERE id = :id"), {"id": process_id})
            other.execute(sa.text("SELECT id FROM processes WHERE id = :id FOR UPDATE"), {"id": process_id})
        yield other


def write(bench: Bench) -> None:
    """One transaction, of one who waits for nobody for longer than a moment."""
    with bench.database.connect() as opened, limited_lock_waits(opened) as connection:
        bench.claims.write(connection, claim=False)


@pytest.mark.slow
def test_a_held_row_holds_up_nobody_else(database: Database) -> None:
    go = threading.Event()

    def answer(run: StepRun) -> Done:
        if run.payload.get("waits"):
            go.wait(30)
        return Done()

    process = odd(answer)
    one = start(database, process, {"waits": True})
    with working(database, process, Three):
        eventually(lambda: status(database, one) == "running")
        with held(database, one):
            go.set()
            others = [start(database, Three) for _ in range(30)]
            eventually(lambda: {status(database, each) for each in others} == {"succeeded"})
            assert row(database, one)["seq"] == 0
        eventually(lambda: status(database, one) == "succeeded")

    assert outcomes(database, one) == [("do", "done"), ("after", "done")]


def test_what_a_person_gave_up_in_a_long_transaction_is_refused_and_the_others_are_recorded(database: Database) -> None:
    one, other = start(database, One), start(database, One)
    bench, _jobs = answered(database)
    with database.engine.begin() as person:
        operations.abandon(person, one, Act(Actor("Bo"), "wrong case"))
        write(bench)
        assert (status(database, other), set(bench.claims.held)) == ("succeeded", {one})
        wait_and_write(bench)
        assert set(bench.claims.held) == {one}

    wait_and_write(bench)

    assert (status(database, one), bench.claims.stats.refused, bench.claims.held) == ("abandoned", 1, {})


def test_what_a_step_said_of_a_held_row_is_stored_later(database: Database) -> None:
    one, other = start(database, One), start(database, One)
    bench, _jobs = answered(database)
    bench.claims.accept([Evidence(each, 1, 1, "log", clock.now(), '"said"') for each in (one, other)])
    with held(database, one):
        write(bench)
        assert execute(database, "SELECT process_id FROM evidence") == [(other,)]
        assert status(database, other) == "succeeded"

    eventually(lambda: wait_and_write(bench) or not bench.claims.owes())

    assert execute(database, "SELECT process_id FROM evidence ORDER BY process_id") == [(one,), (other,)]
    assert (status(database, one), bench.claims.stats.refused) == ("succeeded", 0)


def test_a_dedup_key_that_another_holds_keeps_its_own_process_waiting_and_no_other(database: Database) -> None:
    one, other = start(database, One, dedup_key="k"), start(database, One, dedup_key="l")
    bench, _jobs = answered(database)
    with database.engine.begin() as holding:
        found = sa.text("SELECT name FROM dedup_keys WHERE process_id = :id FOR UPDATE")
        holding.execute(found, {"id": one})
        write(bench)
        eventually(lambda: status(database, other) == "succeeded")
        assert set(bench.claims.held) == {one}

    wait_and_write(bench)

    assert (status(database, one), execute(database, "SELECT count(*) FROM dedup_keys")) == ("succeeded", [(0,)])


def test_what_was_kept_out_is_not_lost_with_the_connection(database: Database) -> None:
    if database.dialect != "postgresql":
        pytest.skip("only PostgreSQL ends a session by a question")
    one = start(database, One)
    bench, _jobs = answered(database)
    bench.claims.accept([Evidence(one, 1, 1, "log", clock.now(), '"said"')])
    with held(database, one):
        write(bench)
    eventually(bench.claims.has_news)
    with database.connect() as opened:
        pid = opened.connection.dbapi_connection.info.backend_pid  # type: ignore[union-attr]
        execute(database, "SELECT pg_terminate_backend(:pid)", pid=pid)
        with pytest.raises((sa.exc.DBAPIError, DatabaseUnreachable)):
            bench.claims.write(opened, claim=False)

    eventually(lambda: wait_and_write(bench) or not bench.claims.owes())

    assert (status(database, one), execute(database, "SELECT count(*) FROM evidence")) == ("succeeded", [(1,)])


def test_a_held_row_costs_no_other_process_its_lease(database: Database) -> None:
    ids = [start(database, Three) for _ in range(3)]
    jobs = {job.claim.id: job for job in Bench(database, Three, threads=3).write()}
    soon = clock.now() + timedelta(seconds=60)
    renewer = LeaseRenewer(database, jobs, (), lease=timedelta(seconds=90))
    renewer._renewed -= 45
    with held(database, ids[0]):
        renewer._look()
        assert [row(database, each)["lease_ends_at"] > soon for each in ids] == [True, True, True]

    assert renewer.is_in_time()
    assert [jobs[each].lost for each in ids] == [None, None, None]


def test_a_lease_that_was_passed_over_is_renewed_at_the_next_beat_and_its_step_is_told_when_it_may_be_gone(
    database: Database,
) -> None:
    one, other = start(database, Three), start(database, Three)
    jobs = {job.claim.id: job for job in Bench(database, Three).write()}
    lease = timedelta(seconds=90)
    renewer = LeaseRenewer(database, jobs, (), lease=lease)
    renewer._renewed -= 85
    with held(database, one):
        renewer._look()
        renewer._enforce()
        assert [jobs[each].run.stop_requested for each in (one, other)] == [True, False]

    renewer._look()

    assert renewer._passed_over == {}
    assert row(database, one)["lease_ends_at"] > clock.now() + timedelta(seconds=80)


def test_a_claim_nobody_knows_of_whose_row_is_held_is_found_later_and_keeps_no_batch(database: Database) -> None:
    one = start(database, One)
    Bench(database, One, name="here").write()  # its answer was lost: the worker that is told nothing
    bench = Bench(database, One, name="here")
    with database.engine.begin() as holding:
        holding.execute(sa.text("SELECT id FROM processes FOR UPDATE"))
        with database.connect() as connection, connection.begin():
            found: list[Claim] = bench.claims.unconfirmed.find(
                connection, lambda _claim: False, lease_ends_at=clock.now() + timedelta(seconds=90)
            )
        assert found == []

    bench.claims.unconfirmed.may_exist()
    jobs: list[HeldStep] = bench.write()

    assert [job.claim.id for job in jobs] == [one]


def test_whose_rows_another_holds_is_told_without_waiting(database: Database) -> None:
    one, other = start(database, One), start(database, One)
    with held(database, one), database.connect() as connection, connection.begin():
        assert claiming.locked_by_others(connection, [one, other, 99]) == {one}


def test_keys_that_another_holds_for_long_hold_up_nobody_else_however_many_they_are(database: Database) -> None:
    go = threading.Event()

    def answer(run: StepRun) -> Done:
        if run.payload.get("waits"):
            go.wait(30)
        return Done()

    process = odd(answer)
    keyed = [start(database, process, {"waits": True}, dedup_key=f"k{number}") for number in range(6)]
    with working(database, process, Three, concurrency=8):
        eventually(lambda: {status(database, each) for each in keyed} == {"running"})
        with database.engine.begin() as other:
            found = operations.start_many(other, [Start(process, dedup_key=f"k{number}") for number in range(6)])
            other.execute(sa.text("SELECT name FROM dedup_keys FOR UPDATE"))
            go.set()
            for number in range(30):
                one = start(database, Three, dedup_key=f"free {number}")
                eventually(lambda one=one: status(database, one) == "succeeded")  # type: ignore[misc]
            assert {status(database, each) for each in keyed} == {"running"}
        eventually(lambda: {status(database, each) for each in keyed} == {"succeeded"})

    assert [(each.id, each.is_new) for each in found] == [(each, False) for each in keyed]


@pytest.mark.slow
@pytest.mark.parametrize("is_long", [True, False])
def test_a_lock_that_nobody_knows_of_is_met_once_and_waited_for_by_itself(database: Database, is_long: bool) -> None:
    one, other = start(database, One, order_key="a"), start(database, One, order_key="a")
    came: list[Transition | Recorded | LockedOut] = []
    patience = LockWaiter(database, post=came.append)
    bench = Bench(database, One, threads=8, wait_for=patience.wait_for)
    bench.run(bench.write()[0])
    with held(database, other):  # the next of its lane, which is to be made due
        write(bench)
        began = time.monotonic()
        for _ in range(5):
            started = start(database, Three)
            write(bench)
        assert (time.monotonic() - began < 1.0, started > 0, set(bench.claims.held)) == (True, True, {one})
        if is_long:
            bench.claims.accept([LockedOut(bench.claims.held_back.kept[one, 1].transition)])
            eventually(bench.claims.has_news)
            write(bench)
            assert set(bench.claims.held) == {one}
    eventually(lambda: came)

    bench.claims.accept(came)

    assert (status(database, one), status(database, other), bench.claims.held) == ("succeeded", "pending", {})


@pytest.mark.slow
def test_a_loop_that_broke_gives_back_without_waiting_and_leaves_nobody_a_session_in_a_hurry(
    database: Database,
) -> None:
    one, other = start(database, One), start(database, One)
    bench, _jobs = answered(database)
    pool = ThreadPool(1, post=lambda _came: None, run=NotStarted)
    with held(database, one):
        began = time.monotonic()
        shutdown.give_back(database, bench.claims, pool, Mailbox())
        took = time.monotonic() - began

    asked = {"postgresql": "SHOW lock_timeout", "mariadb": "SELECT @@innodb_lock_wait_timeout"}[database.dialect]
    with database.connect() as connection:
        left = connection.exec_driver_sql(asked).scalar()
    assert (status(database, one), status(database, other), took < 4) == ("running", "succeeded", True)
    assert left not in (postgresql_session.SHORT_LOCK_TIMEOUT, 1)
