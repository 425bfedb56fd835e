"""Steps in children that are not waited for any more: abandoned, drained, and what a drain leaves."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from booking import lines
from child_pool import is_gone, no_child_left
from crashing_steps import Apart, Booked, Free, Posted, payload
from rig import abandon, child, eventually, execute, outcomes, row, start, status, told, worker, working
from traced_steps import noted

from process_manager import Process
from process_manager.database import Database

SECOND = timedelta(seconds=1)


@contextmanager
def at_work(database: Database, tmp_path: Path, cls: type[Process], **options: Any) -> Iterator[Any]:
    """A worker in a thread, once the step of the one process has begun: its statistics are in the list after it."""
    made, tallies = worker(database, cls, lease=SECOND, **options), []
    thread = threading.Thread(target=lambda: tallies.append(made.run()), daemon=True)
    thread.start()
    eventually(lambda: noted(tmp_path / "file", "pid"), seconds=30)
    yield made
    thread.join(30)
    assert not thread.is_alive(), "the worker did not end"


@pytest.mark.slow
def test_e16_an_abandoned_step_in_a_child_is_asked_to_stop_and_then_killed(database: Database, tmp_path: Path) -> None:
    process_id = start(database, Apart, payload(tmp_path, "hangs"))

    with no_child_left(), at_work(database, tmp_path, Apart, only=process_id, grace=SECOND):
        abandon(database, process_id)

    assert status(database, process_id) == "abandoned"
    assert outcomes(database, process_id) == [("do", "lost"), ("do", "abandon")]
    assert is_gone(noted(tmp_path / "file", "pid")[0])


@pytest.mark.slow
def test_w7_a_drain_lets_a_step_in_a_child_hear_of_it(database: Database, tmp_path: Path) -> None:
    process_id = start(database, Apart, payload(tmp_path, "obeys"))

    with no_child_left(), at_work(database, tmp_path, Apart, grace=timedelta(seconds=20)) as made:
        made.stop()

    assert told(database, process_id, "outcome", "message") == [("retry", "asked to stop")]


@pytest.mark.slow
@pytest.mark.parametrize("cls", [Apart, Booked])
def test_w7_a_drain_kills_what_does_not_stop_and_releases_it_without_using_up_an_attempt(
    books: Database, tmp_path: Path, cls: type[Process]
) -> None:
    process_id = start(books, cls, payload(tmp_path, "hangs"))

    with no_child_left(), at_work(books, tmp_path, cls) as made:
        made.stop()

    found = row(books, process_id)
    assert (found["status"], found["attempts"], found["own_crashes"], found["fence"]) == ("pending", 0, 0, 2)
    assert told(books, process_id, "outcome", "message") == [
        ("released", "The worker stopped before the step answered.")
    ]
    assert lines(books) == []


@pytest.mark.slow
def test_w7_a_drain_leaves_a_once_step_under_its_lease_and_verify_is_asked_after_it(
    database: Database, tmp_path: Path
) -> None:
    process_id = start(database, Posted, payload(tmp_path, "hangs", says="done"))

    with no_child_left(), at_work(database, tmp_path, Posted) as made:
        made.stop()
    assert (status(database, process_id), outcomes(database, process_id)) == ("running", [("do", "started")])

    with working(database, Posted, lease=SECOND):
        eventually(lambda: status(database, process_id) == "succeeded", seconds=30)
    assert outcomes(database, process_id) == [("do", "lost"), ("do", "done"), ("after", "done")]


def test_w7_a_drain_while_a_suspect_runs_convicts_nobody(database: Database, tmp_path: Path) -> None:
    process_id = start(database, Free, payload(tmp_path, "hangs"))
    execute(database, "UPDATE processes SET crashes = 1, own_crashes = 2")

    with no_child_left(), at_work(database, tmp_path, Free) as made:
        made.stop()

    found = row(database, process_id)
    assert (found["status"], found["crashes"], found["own_crashes"]) == ("pending", 2, 2)


@pytest.mark.crash
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM")
@pytest.mark.parametrize(("cls", "stands"), [(Apart, "pending"), (Posted, "running"), (Free, "pending")])
def test_w7_a_drained_worker_ends_with_0_and_leaves_no_child(
    database: Database, tmp_path: Path, cls: type[Process], stands: str
) -> None:
    process_id = start(database, cls, payload(tmp_path, "hangs", says="done"))
    with child("run_worker.py", tmp_path, grace=0.3) as drained:
        (pid,) = eventually(lambda: noted(tmp_path / "file", "pid"), seconds=30)
        family = psutil.Process(drained.pid).children(recursive=True)

        drained.terminate()

        assert drained.wait(timeout=10) == 0
    assert (pid in {each.pid for each in family}) == (cls is not Free)
    assert all(is_gone(each.pid) for each in family)
    assert (status(database, process_id), row(database, process_id)["own_crashes"]) == (stands, 0)
