"""What a step does to what its whole program shares: its worker goes on, and puts it back."""

import decimal
import logging
import os
import threading
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest
import structlog
from rig import Odd, Three, claim, eventually, odd, settings, start, status, work, working

from process_manager import Done, Process, StepRun
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.lifecycle.retry import never
from process_manager.worker import Plan
from process_manager.worker.gatekeeper import Gatekeeper


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with another one in it."""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def leave_for(folder: Path) -> type[Odd]:
    """A process whose first step goes to a folder and stays there; the second tells where it is."""

    def go(_run: StepRun) -> Done:
        os.chdir(folder)
        return Done("gone")

    return odd(go)


def told(caplog: pytest.LogCaptureFixture) -> list[Any]:
    found = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    return [event for event in found if event["event"] == "shared_state.restored"]


def test_a_step_that_leaves_the_folder_changed_is_told_and_the_next_one_runs_in_the_first(
    database: Database, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    class Going(Process):
        STEPS = {"go": "go", "look": "look"}

        def go(self, _run: StepRun) -> Done:
            os.chdir("elsewhere")
            return Done("gone")

        def look(self, _run: StepRun) -> Done:
            seen.append(str(Path.cwd()))
            return Done("seen")

    process_id = start(database, Going)

    work(database, Going, concurrency=1)

    assert (status(database, process_id), seen, str(Path.cwd())) == ("succeeded", [str(home)], str(home))
    assert [(event["process_ids"], event["folder"], event["was"]) for event in told(caplog)] == [
        ([process_id], str(home), str(home / "elsewhere"))
    ]


def test_a_switch_file_is_seen_where_it_was_whatever_folder_a_step_went_to(
    database: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gatekeeper = Gatekeeper(database, Registry([Three]), settings(locks_folder="locks"), ())
    (home / "locks").mkdir()
    (home / "locks" / "all-commands.disabled").touch()
    monkeypatch.chdir("elsewhere")

    gatekeeper.look()

    assert gatekeeper.closed(claim(name="three")) is not None


def test_a_step_that_goes_elsewhere_for_a_while_is_not_brought_back_when_others_end(
    database: Database, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    inside, others_ended = threading.Event(), threading.Event()
    seen: list[str] = []

    def visit(_run: StepRun) -> Done:
        with chdir("elsewhere"):
            inside.set()
            others_ended.wait(20)
            seen.append(str(Path.cwd()))
        return Done("back")

    visiting = odd(visit)
    visitor = start(database, visiting)
    with working(database, visiting, Three):
        eventually(inside.is_set)
        other = start(database, Three)
        eventually(lambda: status(database, other) == "succeeded")
        others_ended.set()
        eventually(lambda: status(database, visitor) == "succeeded")

    assert (seen, str(Path.cwd()), told(caplog)) == ([str(home / "elsewhere")], str(home), [])


def test_a_folder_that_a_step_left_for_one_that_is_removed_is_come_back_to(database: Database, home: Path) -> None:
    def go(_run: StepRun) -> Done:
        os.chdir("elsewhere")
        if os.name != "nt":
            (home / "elsewhere").rmdir()
        return Done("gone")

    process_id = start(database, odd(go))

    work(database, odd(go))

    assert (status(database, process_id), str(Path.cwd())) == ("succeeded", str(home))


def test_a_direct_call_leaves_its_program_in_its_folder(
    database: Database, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    leaving = leave_for(home / "elsewhere")

    with Direct(database, Plan(Registry([leaving]), settings(), never())) as direct:
        rest = direct.run(leaving)

    assert (rest.status, str(Path.cwd())) == ("succeeded", str(home))
    assert [event["process_ids"][0] for event in told(caplog)] == [rest.id]


def test_what_a_step_sets_for_its_own_thread_is_gone_in_the_next_one(database: Database) -> None:
    found: list[tuple[int, Any]] = []

    class Sums(Process):
        STEPS = {"set": "set", "look": "look"}

        def set(self, _run: StepRun) -> Done:
            decimal.getcontext().prec = 3
            structlog.contextvars.bind_contextvars(customer="K1")
            return Done("set")

        def look(self, _run: StepRun) -> Done:
            found.append((decimal.getcontext().prec, structlog.contextvars.get_contextvars()))
            return Done("seen")

    start(database, Sums)

    work(database, Sums, concurrency=1)

    assert found == [(28, {})]


def test_a_log_that_is_not_ours_is_left_as_a_step_makes_it(database: Database) -> None:
    handler = logging.NullHandler()

    def add(_run: StepRun) -> Done:
        logging.getLogger().addHandler(handler)
        return Done("added")

    start(database, odd(add))
    try:
        work(database, odd(add))

        assert handler in logging.getLogger().handlers
    finally:
        logging.getLogger().removeHandler(handler)
