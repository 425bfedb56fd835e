"""E15: what ends the process that it runs in is convicted by crashes of processes of its own, and nothing beside it."""

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from crashing_steps import Apart, Free, Posted
from rig import child, eventually, get, history, outcomes, restart, row, start, status, told, work, working
from traced_steps import noted

from process_manager.database import Database
from process_manager.inspection.explain import explain
from process_manager.inspection.surroundings import Surroundings

SECOND = timedelta(seconds=1)
WINDOWS = sys.platform == "win32"
KILLED = "ended with exit code 15" if WINDOWS else "was ended by SIGKILL (signal 9)"
CONVICTED = " That was crash number 3 of a process of its own."


@pytest.mark.slow
@pytest.mark.every_database(quick=["sqlite"])
@pytest.mark.parametrize(("does", "how"), [("dies", KILLED), ("exits", "ended with exit code 3")])
def test_e15_three_crashes_of_processes_of_its_own_convict(
    database: Database, tmp_path: Path, does: str, how: str
) -> None:
    process_id = start(database, Apart, {"file": str(tmp_path / "file"), "does": does})

    work(database, Apart)

    message = f"The step's own process {how}."
    assert told(database, process_id, "seq", "step", "attempt", "outcome", "message") == [
        (1, "do", 1, "lost", message),
        (2, "do", 1, "lost", message),
        (3, "do", 1, "lost", message + CONVICTED),
    ]
    found = row(database, process_id)
    held = {name: found[name] for name in ("status", "crashes", "own_crashes", "attempts", "due_at", "finished_at")}
    assert held == {
        "status": "quarantined", "crashes": 3, "own_crashes": 3, "attempts": 0, "due_at": None, "finished_at": None,
    }  # fmt: skip
    traces = noted(tmp_path / "file", "pid", "key")
    assert (len({pid for pid, _ in traces}), len({key for _, key in traces})) == (3, 1)
    assert os.getpid() not in {pid for pid, _ in traces}


@pytest.mark.slow
def test_e15_innocents_recovered_beside_a_poison_get_through_in_children_and_are_never_convicted(
    database: Database, tmp_path: Path
) -> None:
    ids = [
        start(database, Free, {"file": str(tmp_path / f"{number}"), "does": "dies" if number == 17 else "answers"})
        for number in range(30)
    ]
    poison = ids.pop(17)
    with child("run_worker.py", tmp_path, lease=1) as worker:
        assert worker.wait(timeout=20) in (-signal.SIGKILL if not WINDOWS else 15, 15)

    with working(database, Free, lease=SECOND):
        eventually(lambda: status(database, poison) == "quarantined", seconds=60)
        eventually(lambda: {status(database, each) for each in ids} == {"succeeded"}, seconds=60)

    assert [outcome for _, outcome in outcomes(database, poison)] == ["lost"] * 4
    assert "The lease of worker" in history(database, poison)[0].message
    assert (row(database, poison)["crashes"], row(database, poison)["own_crashes"]) == (4, 3)
    crashes = [outcome for each in ids for _, outcome in outcomes(database, each) if outcome != "done"]
    assert set(crashes) <= {"lost"}
    assert {(row(database, each)["crashes"], row(database, each)["own_crashes"]) for each in ids} == {(0, 0)}


@pytest.mark.slow
def test_a_suspect_that_gets_through_runs_its_next_step_in_a_thread(database: Database, tmp_path: Path) -> None:
    process_id = start(database, Free, {"file": str(tmp_path / "file"), "does": "dies_once"})
    with child("run_worker.py", tmp_path, lease=1) as worker:
        worker.wait(timeout=20)
        gone = worker.pid

    with working(database, Free, lease=SECOND):
        eventually(lambda: status(database, process_id) == "succeeded", seconds=30)

    found = get(database, process_id).payload
    (first, again) = noted(tmp_path / "file", "pid", "key", "recovered")
    assert (first[0] == gone or WINDOWS, first[2]) == (True, False)
    assert again == (found["pid"], first[1], True)
    assert found["pid"] not in (gone, os.getpid())
    assert (found["key"], found["recovered"]) == (first[1], True)
    assert outcomes(database, process_id) == [("do", "lost"), ("do", "done"), ("after", "done")]


@pytest.mark.slow
def test_a_crash_that_is_not_repeated_is_forgotten_with_the_step(database: Database, tmp_path: Path) -> None:
    process_id = start(database, Apart, {"file": str(tmp_path / "file"), "does": "dies_once"})

    work(database, Apart)

    assert outcomes(database, process_id) == [("do", "lost"), ("do", "done"), ("after", "done")]
    found = row(database, process_id)
    assert (found["status"], found["crashes"], found["own_crashes"]) == ("succeeded", 0, 0)
    assert get(database, process_id).payload["recovered"] is True


@pytest.mark.slow
def test_a_quarantined_process_is_shown_with_what_to_do_and_a_restart_gives_it_three_more(
    database: Database, tmp_path: Path
) -> None:
    process_id = start(database, Apart, {"file": str(tmp_path / "file"), "does": "exits"})
    work(database, Apart)
    around = Surroundings(get(database, process_id).updated_at, None, {}, ())  # type: ignore[arg-type]
    assert explain(get(database, process_id), around) == (
        f"It needs a person: it took its worker down three times. `restart-process {process_id}` runs it again,"
        f" `abandon-process {process_id}` gives it up."
    )

    restart(database, process_id, Apart)
    work(database, Apart)

    assert status(database, process_id) == "quarantined"
    assert [outcome for _, outcome in outcomes(database, process_id)] == ["lost"] * 3 + ["restart"] + ["lost"] * 3
    assert get(database, process_id).round == 2


@pytest.mark.slow
def test_a_verify_that_crashes_convicts_and_what_is_in_doubt_stays_so(database: Database, tmp_path: Path) -> None:
    process_id = start(database, Posted, {"file": str(tmp_path / "file"), "does": "exits", "says": "exits"})

    work(database, Posted)

    asked = "The step's own process ended with exit code 3 while verify was asked."
    assert told(database, process_id, "outcome", "message") == [
        ("lost", asked),
        ("lost", asked + CONVICTED),
    ]
    found = row(database, process_id)
    assert (found["status"], found["own_crashes"], found["doubtful_since"] is None) == ("quarantined", 3, False)
    assert len(noted(tmp_path / "file", "pid")) == 3  # the step once, verify twice
