"""How a worker ends while its database takes no writes: soon, what it owes is told, the rest is under its lease."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from rig import eventually, execute, odd, outcomes, start, status, work, worker

from process_manager import Done, StepRun
from process_manager.database import Database, connect
from process_manager.errors import DatabaseUnreachable
from process_manager.worker import Worker
from process_manager.worker.stats import RunStats
from tests.worker.test_claims import let_leases_end
from tests.worker.test_endings import locked

LONG = timedelta(seconds=30)


@pytest.fixture
def impatient(database: Database, tmp_path: Path) -> Iterator[Database]:
    """The same database, its calls waiting a moment only for a lock."""
    opened = connect(f"sqlite:///{(tmp_path / 'engine.db').as_posix()}", call_timeout=timedelta(seconds=0.2))
    yield opened
    opened.close()


class Running:
    """A worker in a thread, and what became of it."""

    def __init__(self, made: Worker) -> None:
        self.made = made
        self.stats: RunStats | None = None
        self.problem: Exception | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.stats = self.made.run()
        except DatabaseUnreachable as problem:
            self.problem = problem

    def ended_within(self, seconds: float) -> float:
        """How long it took to end."""
        began = time.monotonic()
        self._thread.join(timeout=seconds)
        if self._thread.is_alive():
            self.made.stop()
            self.made.stop()
            pytest.fail(f"it did not end within {seconds} s")
        return time.monotonic() - began


def test_w7_a_stop_while_nothing_can_be_written_ends_well_when_no_answer_is_lost(
    impatient: Database, tmp_path: Path
) -> None:
    with locked(tmp_path):
        running = Running(worker(impatient, grace=LONG))
        eventually(lambda: running.made._backoff.latest)
        running.made.stop()

        running.ended_within(5)

    assert running.problem is None
    assert running.stats is not None
    assert running.stats.left


def test_w7_what_was_held_and_not_begun_is_another_workers_when_the_lease_ends(
    impatient: Database, tmp_path: Path
) -> None:
    began, may_end = threading.Event(), threading.Event()

    def answer(_run: StepRun) -> Done:
        began.set()
        may_end.wait(10)
        return Done("answered")

    slow = odd(answer)
    first, second = start(impatient, slow), start(impatient, slow)
    running = Running(worker(impatient, slow, concurrency=1, grace=timedelta(seconds=1)))
    assert began.wait(10)
    with locked(tmp_path):
        may_end.set()
        eventually(lambda: running.made._backoff.latest)
        running.made.stop()
        running.ended_within(8)
    assert running.problem is not None  # what the first answered is known to nobody now
    let_leases_end(impatient)
    work(impatient, slow)

    assert (status(impatient, first), status(impatient, second)) == ("succeeded", "succeeded")
    assert outcomes(impatient, first) == [("do", "lost"), ("do", "done"), ("after", "done")]


def test_w1_a_run_ends_near_its_time_box_though_nothing_can_be_written(impatient: Database, tmp_path: Path) -> None:
    start(impatient)
    with locked(tmp_path):
        running = Running(worker(impatient, until_empty=True, time_box=timedelta(seconds=1), grace=LONG))

        running.ended_within(5)

    assert running.problem is not None


def test_w1_a_run_with_an_answer_that_cannot_be_written_ends_near_its_time_box(
    impatient: Database, tmp_path: Path
) -> None:
    gate, begun = threading.Event(), threading.Event()

    def answer(_run: StepRun) -> Done:
        begun.set()
        gate.wait(10)
        return Done()

    process = odd(answer)
    process_id = start(impatient, process)
    running = Running(worker(impatient, process, until_empty=True, time_box=timedelta(seconds=1), grace=LONG))
    assert begun.wait(10)
    with locked(tmp_path):
        gate.set()
        running.ended_within(12)

    assert running.problem is not None
    assert outcomes(impatient, process_id) == [("do", "started")]  # under its lease, to be run again


def test_w1_an_answer_is_written_when_the_database_takes_it_just_after_the_time_box(
    impatient: Database, tmp_path: Path
) -> None:
    gate, begun = threading.Event(), threading.Event()

    def answer(_run: StepRun) -> Done:
        begun.set()
        gate.wait(10)
        return Done()

    process = odd(answer)
    process_id = start(impatient, process)
    running = Running(worker(impatient, process, time_box=timedelta(seconds=0.5), grace=LONG))
    assert begun.wait(10)
    with locked(tmp_path):
        gate.set()
        eventually(lambda: running.made._shutdown.is_closed() and running.made._backoff.latest)
    running.ended_within(10)

    assert running.problem is None
    assert outcomes(impatient, process_id)[0] == ("do", "done")


@pytest.mark.parametrize("database", ["postgresql_18", "mariadb"], indirect=True)
def test_a_worker_whose_sessions_are_cut_and_that_is_stopped_then_ends_well(database: Database) -> None:
    running = Running(worker(database, grace=LONG))
    eventually(lambda: execute(database, "SELECT count(*) FROM workers") == [(1,)])

    cut(database)
    running.made.stop()
    running.ended_within(10)

    assert running.problem is None
    assert running.stats is not None


def cut(database: Database) -> None:
    """End every session but the one that asks."""
    with database.engine.connect() as connection:
        if database.dialect == "postgresql":
            asked = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            connection.exec_driver_sql(f"{asked} AND datname = current_database()")
            return
        ours = "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()"
        for (number,) in connection.exec_driver_sql(ours).all():
            connection.exec_driver_sql(f"KILL {int(number)}")
