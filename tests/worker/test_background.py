"""A background thread lives on whatever a turn raises, tells of it, and ends when it is told to."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from rig import Bench, Three, eventually, start, status

from process_manager.database import Database
from process_manager.direct.evidence_writer import EvidenceWriter
from process_manager.execution.completion import LockedOut, Recorded
from process_manager.lifecycle.evidence import Evidence
from process_manager.lifecycle.transition import Transition
from process_manager.worker import background
from process_manager.worker.background import BackgroundThread
from process_manager.worker.listener import Listener
from process_manager.worker.lock_waiter import LockWaiter
from process_manager.worker.periodic import PeriodicTask


class Troubled(BackgroundThread):
    """A thread whose first turns raise, and whose third waits until it is woken."""

    name = "troubled"
    patience = 10.0

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.waits, self.woken = threading.Event(), threading.Event()

    def turn(self) -> None:
        if len(self.told) < 2:
            raise ZeroDivisionError(f"turn {len(self.told) + 1}")
        self.waits.set()
        self.woken.wait(10)

    def tell(self, problem: Exception) -> None:
        self.told.append(str(problem))

    def wake(self) -> None:
        self.woken.set()


def test_a_turn_that_raises_is_told_and_ends_no_thread() -> None:
    with Troubled() as thread:
        assert thread.waits.wait(10)

        assert thread.told == ["turn 1", "turn 2"]


def test_the_end_of_its_block_wakes_a_thread_and_waits_for_its_end() -> None:
    with Troubled() as thread:
        thread.waits.wait(10)
        assert [each.daemon for each in threading.enumerate() if each.name == "troubled"] == [True]

    assert [each for each in threading.enumerate() if each.name == "troubled"] == []


def test_what_is_done_once_in_a_thread_tells_of_what_it_raised() -> None:
    told: list[Any] = []
    threads: list[str] = []

    def fails() -> None:
        threads.append(threading.current_thread().name)
        raise ZeroDivisionError

    background.start("once", fails, told.append)

    eventually(lambda: told)
    assert (threads, [type(problem) for problem in told]) == (["once"], [ZeroDivisionError])


def lines(caplog: Any, event: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if event in record.getMessage()]


def flaky(problems: list[Exception], done: threading.Event) -> Callable[[], None]:
    """A duty that raises these in turn, and then is done each time."""

    def duty() -> None:
        if problems:
            raise problems.pop(0)
        done.set()

    return duty


@pytest.mark.parametrize(
    ("kind", "event"), [(ZeroDivisionError, "duty.broken"), (sa.exc.InvalidRequestError, "duty.failed")]
)
def test_a_duty_that_failed_is_done_again_and_its_recovery_is_told(
    kind: type[Exception], event: str, caplog: Any
) -> None:
    done, again = threading.Event(), threading.Event()
    duty = flaky([kind("1"), kind("2")], done)

    with PeriodicTask(duty, lambda: again.set(), lease=timedelta(milliseconds=60)):  # noqa: PLW0108 - it needs a name
        assert done.wait(10)
        eventually(lambda: lines(caplog, "duty.recovered"))

    assert (len(lines(caplog, event)), len(lines(caplog, "duty.recovered")), again.is_set()) == (1, 1, True)
    assert ("Traceback" in caplog.text) == (event == "duty.broken")


class Flawed:
    """A database whose first connections raise what no driver raises, and which sends no notifications."""

    dialect = "postgresql"

    def __init__(self, database: Database, times: int) -> None:
        self._database = database
        self._times = times
        self.was_asked = threading.Event()

    def connect(self) -> AbstractContextManager[sa.Connection]:
        if self._times > 0:
            self._times -= 1
            raise ZeroDivisionError
        return self._database.connect()

    def can_listen(self, _connection: sa.Connection) -> bool:
        self.was_asked.set()
        return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


def test_a_listener_that_meets_what_nobody_expected_says_so_with_its_traceback_and_listens_again(
    database: Database, caplog: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("process_manager.worker.listener.REST", 0.01)
    flawed: Any = Flawed(database, 2)

    with Listener(flawed, lambda: None):
        assert flawed.was_asked.wait(10)

    assert len(lines(caplog, "listener.failed")) == 1
    assert "Traceback" in caplog.text


def test_what_a_writer_of_evidence_could_not_store_is_left_for_the_record(database: Database, caplog: Any) -> None:
    bad = Evidence(7, 1, 1, "log", None, "{}")  # type: ignore[arg-type]  # so that storing it raises

    with EvidenceWriter(database) as writer:
        writer.put(bad)
        eventually(lambda: lines(caplog, "evidence.late"))
        left = eventually(writer.take_left)

    assert left == [bad]


def test_a_waiter_for_locks_that_meets_what_nobody_expected_hands_the_answer_back(
    database: Database, caplog: Any
) -> None:
    came: list[Transition | Recorded | LockedOut] = []
    process_id = start(database, Three)
    bench = Bench(database, Three)
    (job,) = bench.write()
    transition = bench.claims.decide(job, bench.effects.perform(job).result)  # type: ignore[union-attr]
    flawed: Any = Flawed(database, 1)
    waiter = LockWaiter(flawed, post=came.append)

    assert waiter.wait_for(transition)
    eventually(lambda: came)
    assert waiter.wait_for(transition)
    eventually(lambda: len(came) == 2)

    assert came == [transition, Recorded(transition, kept=True)]
    assert (status(database, process_id), len(lines(caplog, "lane.held"))) == ("running", 1)
