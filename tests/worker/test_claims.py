"""What a worker holds and writes, one transaction at a time: the test decides what runs when."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from freezegun import freeze_time
from refusals import refusing
from rig import Bench, execute, history, odd, outcomes, row, start, status, work
from rig import claim_request as of

from process_manager import Done, Process, StepRun, Wait
from process_manager import clock as wall
from process_manager.database import Database, connect
from process_manager.execution.completion import NotStarted
from process_manager.lifecycle import interruption
from process_manager.store import claiming, recording
from process_manager.worker import prefetch
from process_manager.worker.prefetch import RECENT

pytestmark = pytest.mark.every_database

ONES = of(("three", 1))


def expire(database: Database) -> None:
    """Take every running process away, as a worker that finds their leases over."""
    with database.begin() as connection:
        held = claiming.read(connection, claiming.expired(connection, now=wall.now() + timedelta(days=1), limit=100))
        recording.record(connection, [interruption.expired(claim, wall.now()) for claim in held])


def let_leases_end(database: Database) -> None:
    execute(database, "UPDATE processes SET lease_ends_at = '2020-01-01 00:00:00.000000' WHERE status = 'running'")


def test_a_worker_goes_on_with_the_next_step_in_the_transaction_that_records_one(database: Database) -> None:
    process_id = start(database)
    bench = Bench(database)
    steps = []

    jobs = bench.write()
    while jobs:
        (job,) = jobs
        steps.append((job.run.step, job.run.seq, job.run.fence))
        bench.run(job)
        jobs = bench.write()

    assert steps == [("a", 1, 1), ("b", 2, 1), ("c", 3, 1)]
    assert (bench.claims.held, status(database, process_id)) == ({}, "succeeded")
    assert (bench.claims.stats.outcomes, bench.claims.stats.statuses) == ({"done": 3}, {"succeeded": 1})


def test_a_stale_answer_is_refused_and_leaves_alone_what_is_held_of_the_same_process_by_now(
    database: Database,
) -> None:
    process_id = start(database)
    bench = Bench(database)
    (old,) = bench.write()
    expire(database)
    (new,) = bench.write()

    bench.run(old)
    bench.write(claim=False)

    assert bench.claims.held == {process_id: new}
    assert bench.claims.stats.refused == 1
    assert outcomes(database, process_id) == [("a", "lost"), ("a", "started")]
    bench.run(new)
    bench.write()
    assert outcomes(database, process_id)[:2] == [("a", "lost"), ("a", "done")]


def test_a_worker_does_not_take_from_itself_what_still_runs_in_it(database: Database) -> None:
    process_id = start(database)
    bench = Bench(database)
    (job,) = bench.write()

    with freeze_time(wall.now() + timedelta(minutes=2)):  # past the lease, which nobody renewed
        assert bench.write() == []
        bench.run(job)
        bench.write()

    assert outcomes(database, process_id)[0] == ("a", "done")


def test_a_worker_takes_over_what_another_lost_in_the_same_transaction(database: Database) -> None:
    process_id = start(database)
    Bench(database, name="gone").write()
    let_leases_end(database)

    (job,) = Bench(database, name="here").write()

    assert (job.run.process_id, job.run.recovered, job.run.attempt, job.run.seq) == (process_id, True, 1, 2)


def test_a_worker_holds_no_more_than_its_threads_until_it_has_recorded_something(database: Database) -> None:
    for _ in range(300):
        start(database)
    bench = Bench(database, threads=2)

    first = bench.write()
    for job in first:
        bench.run(job)
    second, more = bench.write(), bench.write()

    assert [len(first), len(second), len(more), len(bench.write())] == [2, 2, 2, 0]
    assert len(bench.claims.held) == 4


def test_a_worker_never_holds_more_than_four_hundred(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetch, "RECENT", 60.0)  # seconds: however slow this database is, it recorded just now
    for _ in range(1_200):
        start(database)
    bench = Bench(database, threads=2)
    held = []

    jobs = bench.write()
    for _ in range(14):
        for job in jobs:
            bench.run(job)
        jobs = bench.write()
        held.append(len(bench.claims.held))

    assert max(held) == 400


def test_what_was_given_back_unbegun_makes_no_room_for_more(database: Database) -> None:
    for _ in range(20):
        start(database)
    bench = Bench(database, threads=2)
    for job in bench.write():
        bench.run(job)
    held = [*bench.write(), *bench.write()]
    assert len(held) == 4

    time.sleep(1.1 * RECENT)
    bench.claims.give_back(held[2:], interrupted=False)
    bench.write()

    assert bench.write() == []
    assert sorted(bench.claims.held) == sorted(job.claim.id for job in held[:2])


def test_a_job_that_no_thread_began_is_given_back_without_a_trace(database: Database) -> None:
    process_id = start(database)
    bench = Bench(database)
    (job,) = bench.write()

    bench.claims.accept([NotStarted(job)])
    bench.write(claim=False)

    found = row(database, process_id)
    assert (found["status"], found["attempts"], found["seq"], found["fence"]) == ("pending", 0, 0, 1)
    assert history(database, process_id) == []


def test_a_process_whose_step_is_not_in_its_class_waits_without_a_write(database: Database) -> None:
    start(database)
    execute(database, "UPDATE processes SET step = 'gone'")
    before = execute(database, "SELECT * FROM processes")
    bench = Bench(database)

    assert bench.write() == []
    bench.write()

    assert execute(database, "SELECT * FROM processes") == before


# --- rows that the database refuses -----------------------------------------------------------------------------


@pytest.fixture
def picky(database: Database) -> Iterator[Database]:
    """A database that refuses one text, in the history and in the evidence."""
    with (
        refusing(database, "process_steps", "message", text="poison"),
        refusing(database, "evidence", "body", text="poison"),
    ):
        yield database


def poisonous(run: StepRun) -> Done:
    return Done("poison" if run.payload.get("n") == 2 else "fine")


def test_an_answer_that_the_database_refuses_stops_its_own_process_and_no_other(picky: Database) -> None:
    process = odd(poisonous)
    ids = [start(picky, process, {"n": number}) for number in range(4)]

    work(picky, process)

    assert [status(picky, each) for each in ids] == ["succeeded", "succeeded", "failed", "succeeded"]
    ((outcome, message),) = [(each.outcome, each.message) for each in history(picky, ids[2])]
    assert outcome == "retry"
    assert message.startswith("The step answered done, but that could not be stored: ")
    assert "no_such_text" in message and "poison" not in message


def test_evidence_that_the_database_refuses_costs_neither_an_outcome_nor_other_evidence(picky: Database) -> None:
    def answer(run: StepRun) -> Done:
        run.log("poison" if run.payload.get("n") == 2 else "fine")
        return Done("done")

    process = odd(answer)
    ids = [start(picky, process, {"n": number}) for number in range(4)]

    work(picky, process)

    assert [status(picky, each) for each in ids] == ["succeeded"] * 4
    assert [len(history(picky, each)[0].logs) for each in ids] == [1, 1, 0, 1]


# --- a database that cannot be written for a while --------------------------------------------------------------


@pytest.mark.sqlite_only
def test_a_transaction_that_meets_a_lock_is_run_again_and_nothing_is_lost(database: Database, tmp_path: Path) -> None:
    impatient = connect(f"sqlite:///{tmp_path / 'engine.db'}", call_timeout=timedelta(milliseconds=20))
    process = odd(lambda run: hold(tmp_path / "engine.db") or Done("through"))
    process_id = start(database, process)

    def hold(file: Path) -> None:
        """Hold the write lock for a while after the step has answered."""

        locked = threading.Event()

        def lock() -> None:
            with closing(sqlite3.connect(file, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                locked.set()
                threading.Event().wait(0.4)
                other.execute("ROLLBACK")

        threading.Thread(target=lock).start()
        locked.wait(5)

    work(impatient, process)

    assert outcomes(database, process_id) == [("do", "done"), ("after", "done")]
    impatient.close()


class One(Process):
    """One step."""

    STEPS = {"do": "do"}

    def do(self, run: StepRun) -> Done:
        return Done()


def test_after_a_look_that_took_all_there_was_room_for_the_next_comes_at_once(database: Database) -> None:
    start(database, One)
    start(database, One, order_key="k")
    bench = Bench(database, One, threads=4)
    _long, short = bench.write()
    bench.write()  # nothing else is due: the next look is a second ahead
    for _ in range(20):
        start(database, One)
    bench.run(short)

    with database.connect() as connection:
        bench.claims.write(connection, claim=bench.claims.may_look())  # its lane moves on

    assert len(bench.claims.take_ready()) == 3
    assert bench.claims.may_look()


def test_a_process_that_only_rests_does_not_move_its_lane_on(database: Database) -> None:
    later = odd(lambda run: Wait("later", after=timedelta(hours=1)))
    start(database, later, order_key="k")
    bench = Bench(database, later)
    (job,) = bench.write()
    bench.write()
    bench.run(job)

    assert not bench.claims.may_look()
