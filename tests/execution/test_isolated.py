"""Steps with isolation="process" on a real database: what each effect promises, whatever becomes of their children."""

import json
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from booking import lines
from child_pool import is_gone, no_child_left
from crashing_steps import Apart, Booked, Limited, Posted, Strict, Unasked, payload
from rig import (
    Bench,
    Nowhere,
    eventually,
    execute,
    get,
    history,
    outcomes,
    row,
    start,
    status,
    told,
    work,
    working,
)  # fmt: skip
from traced_steps import noted

from process_manager import Done, Process, Step, StepRun
from process_manager.database import Database
from process_manager.execution.completion import Completion, NotStarted
from process_manager.execution.held_step import HeldStep

SECOND = timedelta(seconds=1)
WINDOWS = sys.platform == "win32"
KILLED = "ended with exit code 15" if WINDOWS else "was ended by SIGKILL (signal 9)"
DIED = f"The step's own process {KILLED}."


def evidence(database: Database, process_id: int) -> list[dict[str, Any]]:
    return [dict(said) for each in history(database, process_id) for said in each.logs]


@pytest.mark.every_database(quick=["sqlite"])
def test_a_step_in_a_process_of_its_own_is_recorded_as_any_other(database: Database, tmp_path: Path) -> None:
    process_id = start(database, Apart, payload(tmp_path))

    with no_child_left():
        work(database, Apart)

    assert outcomes(database, process_id) == [("do", "done"), ("after", "done")]
    ((pid, key, recovered),) = noted(tmp_path / "file", "pid", "key", "recovered")
    assert recovered is False
    assert (get(database, process_id).payload["pid"], get(database, process_id).payload["key"]) == (pid, key)
    assert pid != psutil.Process().pid


@pytest.mark.slow
def test_e17_a_hung_step_is_killed_on_time_with_all_that_it_started_and_runs_again(
    database: Database, tmp_path: Path
) -> None:
    process_id = start(database, Limited, payload(tmp_path, "hangs_once"))

    with working(database, Limited):
        eventually(lambda: status(database, process_id) == "succeeded", seconds=30)

    assert told(database, process_id, "step", "attempt", "outcome", "message")[:2] == [
        ("do", 1, "retry", "The step was over its time limit of 500ms."),
        ("do", 2, "done", "done"),
    ]
    assert history(database, process_id)[0].error is None
    pids = json.loads((tmp_path / "file.programs").read_text("utf-8"))
    assert all(is_gone(pid) for pid in pids)


@pytest.mark.slow
def test_e17_fifty_megabytes_of_output_hold_up_no_renewal_and_no_other_step(database: Database, tmp_path: Path) -> None:
    go = threading.Event()

    class Beside(Process):
        STEPS = {"do": "do"}

        def do(self, run: StepRun) -> Done:
            go.wait(20)
            return Done("beside")

    shouting, beside = start(database, Apart, payload(tmp_path, "shouts")), start(database, Beside)
    with working(database, Apart, Beside, lease=SECOND):
        eventually(lambda: status(database, shouting) == "succeeded", seconds=60)
        go.set()
        eventually(lambda: status(database, beside) == "succeeded")

    assert [outcomes(database, each)[0][1] for each in (shouting, beside)] == ["done", "done"]
    (output,) = evidence(database, shouting)
    assert output["bytes"] >= 50_000_000


@pytest.mark.slow
def test_what_a_step_said_and_printed_before_its_crash_is_kept(database: Database, tmp_path: Path) -> None:
    process_id = start(database, Apart, payload(tmp_path, "says_and_dies"))

    work(database, Apart)

    found = evidence(database, process_id)
    assert [each["message"] for each in found] == ["before the end", "Output of the child process"] * 3
    assert {each["text"] for each in found if "text" in each} == {"printed before the end\n"}


# what the step does, what verify says, where the process stands, and its history
TABLE = [
    ("dies", "done", "succeeded", ["do done", "after done"]),
    ("dies", "retry", "quarantined", ["do lost", "do lost", "do lost"]),
    ("dies", None, "uncertain", ["do doubt"]),
    ("dies_once", "retry", "succeeded", ["do lost", "do done", "after done"]),
    ("answers", None, "succeeded", ["do done", "after done"]),
    ("fails", "done", "succeeded", ["do done", "after done"]),
    ("fails", None, "uncertain", ["do doubt"]),
    ("refuses", "retry", "rejected", ["do reject"]),
    ("refuses", None, "uncertain", ["do doubt"]),
]


@pytest.mark.slow
@pytest.mark.parametrize(("does", "says", "stands", "rows"), TABLE)
def test_e14_a_once_step_that_ends_without_an_answer_is_asked_about_at_once(  # noqa: PLR0917
    database: Database, tmp_path: Path, does: str, says: str | None, stands: str, rows: list[str]
) -> None:
    process_id = start(database, Posted, payload(tmp_path, does, says=says))

    work(database, Posted)

    assert status(database, process_id) == stands
    assert [f"{step} {outcome}" for step, outcome in outcomes(database, process_id)] == rows
    assert (row(database, process_id)["doubtful_since"] is None) == (stands != "uncertain")
    assert psutil.Process().pid not in noted(tmp_path / "file", "pid")


def test_e14_a_once_step_that_nobody_can_ask_about_is_uncertain_after_a_crash(
    database: Database, tmp_path: Path
) -> None:
    process_id = start(database, Unasked, payload(tmp_path, "dies"))

    work(database, Unasked)

    (found,) = history(database, process_id)
    assert (status(database, process_id), found.outcome) == ("uncertain", "doubt")
    assert found.message.startswith(
        f"{DIED.rstrip('.')}; step 'do' may or may not have happened: the step has no verify."
    )


@pytest.mark.slow
def test_e14_a_once_step_killed_on_time_is_asked_about_and_never_blindly_repeated(
    database: Database, tmp_path: Path
) -> None:
    process_id = start(database, Strict, payload(tmp_path, "hangs", says="done"))

    work(database, Strict)

    assert outcomes(database, process_id) == [("do", "done"), ("after", "done")]
    assert len(noted(tmp_path / "file", "pid")) == 2


@pytest.mark.slow
def test_what_verify_says_stands_beside_what_the_step_said(database: Database, tmp_path: Path) -> None:
    process_id = start(database, Posted, payload(tmp_path, "says_and_dies", says="done"))

    work(database, Posted)

    assert [each["message"] for each in evidence(database, process_id)] == [
        "before the end",
        "asked",
        "Output of the child process",
    ]


@pytest.mark.slow
@pytest.mark.every_database(quick=["sqlite"])
def test_a_transactional_step_in_a_child_writes_with_its_record(books: Database, tmp_path: Path) -> None:
    process_id = start(books, Booked, payload(tmp_path))

    stats = work(books, Booked)

    assert lines(books) == [get(books, process_id).payload["key"]]
    assert outcomes(books, process_id) == [("do", "done"), ("after", "done")]
    assert (stats.outcomes["done"], stats.refused) == (2, 0)
    assert psutil.Process().pid not in noted(tmp_path / "file", "pid")


@pytest.mark.slow
@pytest.mark.every_database(quick=["sqlite"])
@pytest.mark.parametrize(
    ("does", "stands", "booked", "rows"),
    [
        ("dies", "quarantined", 0, ["lost", "lost", "lost"]),
        ("dies_once", "succeeded", 1, ["lost", "done", "done"]),
        ("dies_at_commit", "succeeded", 1, ["lost", "done", "done"]),
        ("dies_after_commit", "succeeded", 1, ["done", "done"]),
    ],
)
def test_a_transactional_step_whose_process_crashes_leaves_its_writes_with_its_record_or_nothing(  # noqa: PLR0917
    books: Database, tmp_path: Path, does: str, stands: str, booked: int, rows: list[str]
) -> None:
    process_id = start(books, Booked, payload(tmp_path, does))

    work(books, Booked)

    assert (status(books, process_id), len(lines(books))) == (stands, booked)
    assert [outcome for _, outcome in outcomes(books, process_id)] == rows


def test_a_step_that_no_child_can_import_is_an_error_with_a_hint(database: Database) -> None:
    class Local(Process):
        STEPS = {"do": Step("do", isolation="process")}

        def do(self, run: StepRun) -> Done:
            return Done()

    process_id = start(database, Local)

    work(database, Local)

    (found,) = history(database, process_id)
    assert (status(database, process_id), found.outcome, found.error) == ("waiting", "retry", None)
    assert "Write it at the top of the module, under the name it was made with." in found.message


def test_a_suspect_that_no_child_can_import_runs_in_a_thread(database: Database) -> None:
    class Local(Process):
        STEPS = {"do": "do"}

        def do(self, run: StepRun) -> Done:
            return Done("here", {"pid": psutil.Process().pid})

    process_id = start(database, Local)
    execute(database, "UPDATE processes SET crashes = 1")

    work(database, Local)

    assert get(database, process_id).payload == {"pid": psutil.Process().pid}


class TooLate(Nowhere):
    """A place where no step is called any more."""

    def takes(self, job: HeldStep) -> bool:
        return True

    def run(self, job: HeldStep) -> Completion:
        return NotStarted(job)


def test_e14_a_once_step_that_its_child_was_not_told_of_leaves_no_doubt(database: Database) -> None:
    process_id = start(database, Posted)
    bench = Bench(database, Posted, apart=TooLate())
    (job,) = bench.write()

    bench.run(job)
    bench.write(claim=False)

    found = row(database, process_id)
    assert (found["status"], found["doubtful_since"], history(database, process_id)) == ("pending", None, [])
