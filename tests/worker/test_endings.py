"""How a worker ends when something outside it is wrong, and what it must not begin."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun import freeze_time
from rig import Three, abandon, eventually, odd, outcomes, start, status, work, worker, working

from process_manager import BusinessError, Done, Process, StepRun
from process_manager.database import Database, connect
from process_manager.errors import DatabaseUnreachable

pytestmark = pytest.mark.every_database


@pytest.fixture
def impatient(database: Database, tmp_path: Path) -> Iterator[Database]:
    """The same database, its calls waiting a moment only for a lock."""
    opened = connect(f"sqlite:///{(tmp_path / 'engine.db').as_posix()}", call_timeout=timedelta(seconds=0.2))
    yield opened
    opened.close()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """The engine's file, held for writing by another program."""
    other = sqlite3.connect(folder / "engine.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_e8_a_process_that_is_abandoned_while_it_waits_for_a_thread_never_starts(database: Database) -> None:
    ran: list[int] = []
    gate = threading.Event()

    class Slow(Process):
        """One step that waits for the test."""

        STEPS = {"a": "step"}

        def step(self, run: StepRun) -> Done:
            ran.append(run.process_id)
            gate.wait(10)
            return Done()

    ids = [start(database, Slow) for _ in range(3)]
    with working(database, Slow, concurrency=2):
        eventually(lambda: len(ran) == 2)
        (waiting,) = set(ids) - set(ran)
        abandon(database, waiting)
        time.sleep(0.1)
        gate.set()
        eventually(lambda: all(status(database, each) == "succeeded" for each in ids if each != waiting))

    assert waiting not in ran
    assert status(database, waiting) == "abandoned"


def test_held_processes_that_are_abandoned_before_a_thread_is_free_are_not_begun(
    database: Database,
) -> None:
    ran: list[int] = []
    gate, begun = threading.Event(), threading.Event()

    class Mixed(Process):
        """Short steps that make room for many held ones, then one that waits for the test."""

        STEPS = {"a": "step"}

        def step(self, run: StepRun) -> Done:
            ran.append(run.process_id)
            if run.payload.get("long"):
                begun.set()
                gate.wait(10)
            return Done()

    for _ in range(40):
        start(database, Mixed)
    long = start(database, Mixed, {"long": True})
    behind = [start(database, Mixed, {"long": True}) for _ in range(5)]
    with working(database, Mixed, concurrency=1):
        assert begun.wait(10)
        for each in behind:
            abandon(database, each)
        time.sleep(0.1)
        gate.set()
        eventually(lambda: status(database, long) == "succeeded")
        time.sleep(0.2)

    assert set(ran).isdisjoint(behind)


def test_a_business_error_whose_message_cannot_be_told_rejects_and_hurts_nobody(database: Database) -> None:
    class InvoiceError(BusinessError):
        """One that computes what it says, of nothing."""

        message = property(lambda self: f"{self.invoice.number}")  # type: ignore[assignment]

        def __init__(self) -> None:
            Exception.__init__(self, "no invoice")

    def answer(_run: StepRun) -> Any:
        raise InvoiceError

    process = odd(answer)
    process_id = start(database, process)

    work(database, process)

    assert outcomes(database, process_id) == [("do", "reject")]


def test_a_payload_that_exits_when_it_is_read_fails_its_own_process_only(database: Database) -> None:
    class Rude(dict[str, Any]):
        """A mapping that leaves the room."""

        def items(self) -> Any:
            raise SystemExit(3)

    process = odd(lambda _run: Done("done", Rude(a=1)))
    rude, fine = start(database, process), start(database)

    work(database, process, Three)

    assert (status(database, rude), status(database, fine)) == ("failed", "succeeded")


@pytest.mark.sqlite_only
def test_w8_a_run_in_which_the_database_never_answered_does_not_say_that_nothing_was_due(
    impatient: Database, tmp_path: Path
) -> None:
    start(impatient)
    made = worker(impatient, until_empty=True, time_box=timedelta(seconds=0.3), lease=timedelta(seconds=1))

    with locked(tmp_path), pytest.raises(DatabaseUnreachable):
        made.run()


@pytest.mark.sqlite_only
def test_w1_a_run_ends_when_the_database_stays_locked_though_it_holds_something(
    impatient: Database, tmp_path: Path
) -> None:
    gate, begun = threading.Event(), threading.Event()

    def answer(_run: StepRun) -> Done:
        begun.set()
        gate.wait(10)
        return Done()

    process = odd(answer)
    start(impatient, process)
    made = worker(impatient, process, until_empty=True, time_box=timedelta(seconds=0.5), lease=timedelta(seconds=1))
    ended: list[BaseException] = []

    def run() -> None:
        try:
            made.run()
        except DatabaseUnreachable as problem:
            ended.append(problem)

    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(10)
    with locked(tmp_path):
        gate.set()
        thread.join(timeout=40)
        assert not thread.is_alive()

    assert len(ended) == 1


def test_a_clock_set_back_an_hour_delays_nothing_that_is_due(database: Database) -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    # The monotonic clock, by which a worker looks and keeps leases, is not set back with the other: here it would be.
    real = ["process_manager.worker.claims", "process_manager.worker.mailbox", "process_manager.worker.leases"]
    with freeze_time(noon, tick=True, ignore=real) as clock, working(database):
        first = start(database)
        eventually(lambda: status(database, first) == "succeeded")
        clock.move_to(noon - timedelta(hours=1))
        second = start(database)
        eventually(lambda: status(database, second) == "succeeded", seconds=5)
