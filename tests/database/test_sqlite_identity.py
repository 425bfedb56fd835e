"""A SQLite file that is taken away from under a program: whoever has it open stops, and says so."""

import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from rig import Three, eventually, settings, start, status, worker

from process_manager import Done, Process, Step, StepRun, never
from process_manager.database import Database, connect
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.errors import DatabaseReplaced
from process_manager.execution.isolation.child_host import LaterDatabase
from process_manager.worker import Plan

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there no file that is open can be taken away")

Take = Callable[[Path], object]


def remove(file: Path) -> None:
    file.unlink()


def restore(file: Path) -> None:
    """A backup, taken at this moment, in the place of the file and of what lies beside it."""
    copy = file.with_name("backup.db")
    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
    for ending in ("-wal", "-shm"):
        Path(f"{file}{ending}").unlink(missing_ok=True)
    copy.replace(file)


def clear_away(file: Path) -> None:
    Path(f"{file}-wal").unlink()


WAYS: list[tuple[Take, str]] = [
    (remove, "its file was removed while it was open"),
    (restore, "its file was replaced while it was open"),
]
BESIDE: list[tuple[Take, str]] = [(clear_away, "-wal or -shm beside its file was removed while it was open")]


class Letters(Process):
    """Sends a letter, which happens once, when it is asked to stop: as its worker does that has seen what happened."""

    STEPS = {"send": Step("send", effect="once"), "after": "after"}
    sent: list[int] = []
    begun = threading.Event()

    def send(self, run: StepRun) -> Done:
        self.begun.set()
        eventually(lambda: run.stop_requested)
        self.sent.append(run.process_id)
        return Done("sent")

    def after(self, run: StepRun) -> Done:
        self.sent.append(-run.process_id)
        return Done("after")


@pytest.fixture(autouse=True)
def anew() -> None:
    Letters.sent.clear()
    Letters.begun.clear()


def events(caplog: pytest.LogCaptureFixture, name: str) -> list[Any]:
    found = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [event for event in found if event["event"] == name]


@pytest.mark.parametrize(("take", "problem"), [*WAYS, *BESIDE])
def test_a_worker_whose_file_is_taken_away_lets_its_step_end_begins_no_other_and_stops_with_one_sentence(
    database: Database, tmp_path: Path, take: Take, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "engine.db"
    process_id = start(database, Letters)

    ended = stopped(database, take, file)

    assert [str(each) for each in ended] == [
        f"The database sqlite:///{file} cannot be used: {problem}. "
        "The last changes may not be in the file that is there now."
    ]
    assert Letters.sent == [process_id]  # it was let end, and the next one did not begin
    assert [(event["process_id"], event["step"], event["effect"]) for event in events(caplog, "answer.lost")] == [
        (process_id, "send", "once")
    ]


def stopped(database: Database, take: Take, file: Path) -> list[DatabaseReplaced]:
    """How a worker ended whose file was taken away in the middle of its step."""
    ended: list[DatabaseReplaced] = []

    def run() -> None:
        try:
            worker(database, Letters, grace=settings().lease).run()
        except DatabaseReplaced as problem:
            ended.append(problem)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    eventually(Letters.begun.is_set)
    take(file)
    thread.join(timeout=15)
    return ended


def test_nothing_is_written_to_the_file_that_took_the_place_of_the_one_before(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "engine.db"
    start(database, Letters)
    before: list[Any] = []

    stopped(database, lambda file: before.extend([restore(file), rows(file)]), file)

    assert rows(file) == before[1]
    assert [row[1] for row in before[1]] == ["running"]


def rows(file: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as look:
        return look.execute("SELECT id, status, fence, seq, lease_ends_at FROM processes ORDER BY id").fetchall()


@pytest.mark.parametrize(("take", "problem"), WAYS)
def test_a_program_that_keeps_a_database_open_is_told_and_makes_no_file_anew(
    database: Database, tmp_path: Path, take: Take, problem: str
) -> None:
    start(database, Three)
    take(tmp_path / "engine.db")
    there = sorted(tmp_path.iterdir())

    for _ in range(2):
        with pytest.raises(DatabaseReplaced, match=problem):
            start(database, Three)

    assert sorted(tmp_path.iterdir()) == there


@pytest.mark.parametrize(("take", "problem"), WAYS)
def test_a_direct_call_starts_nothing_in_a_file_that_was_taken_away(
    database: Database, tmp_path: Path, take: Take, problem: str
) -> None:
    with Direct(database, Plan(Registry([Three]), settings(), never())) as direct:
        direct.run(Three)
        take(tmp_path / "engine.db")

        with pytest.raises(DatabaseReplaced, match=problem):
            direct.run(Three)


def test_a_database_that_is_opened_again_works_on_the_file_that_is_there(database: Database, tmp_path: Path) -> None:
    first = start(database, Three)
    restore(tmp_path / "engine.db")

    with closing(connect(f"sqlite:///{tmp_path / 'engine.db'}")) as again:
        second = start(again, Three)

        assert [status(again, each) for each in (first, second)] == ["pending", "pending"]


def test_a_child_opens_the_file_of_its_worker_and_no_other(database: Database, tmp_path: Path) -> None:
    start(database, Three)
    assert database.file is not None
    place = {"database": (database.whole_url(), database.file.known()), "call_timeout": settings().lease}
    with LaterDatabase(place).read() as connection:
        connection.exec_driver_sql("SELECT 1")

    restore(tmp_path / "engine.db")

    with pytest.raises(DatabaseReplaced), LaterDatabase(place).begin():
        pass
