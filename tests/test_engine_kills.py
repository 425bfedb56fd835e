"""SIGKILL at each point of a step, by its effect: what is there once another worker has gone on."""

import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from books import lines
from cases import Acting, Together, Unverified, Verified, noted
from rig import child, eventually, outcomes, start, status, working

from process_manager import Process
from process_manager.database import Database

pytestmark = pytest.mark.crash

KILLED = signal.SIGTERM if sys.platform == "win32" else -signal.SIGKILL
AT_REST = ("succeeded", "uncertain")

AGAIN = ["act lost", "act done", "tell done"]
BEYOND = ["act done", "tell lost", "tell done"]
DOUBT = ["act lost", "act doubt"]

# the class, where its worker is killed, how it ends, how often it acted, and its history
TABLE: list[tuple[type[Process], str, str, int, list[str]]] = [
    (Acting, "begun", "succeeded", 1, AGAIN),
    (Acting, "acted", "succeeded", 2, AGAIN),
    (Acting, "unrecorded", "succeeded", 2, AGAIN),
    (Acting, "recorded", "succeeded", 1, BEYOND),
    (Verified, "unmarked", "succeeded", 1, AGAIN),
    (Verified, "marked", "succeeded", 1, AGAIN),
    (Verified, "begun", "succeeded", 1, AGAIN),
    (Verified, "acted", "succeeded", 1, AGAIN),
    (Verified, "unrecorded", "succeeded", 1, AGAIN),
    (Verified, "recorded", "succeeded", 1, BEYOND),
    (Unverified, "unmarked", "succeeded", 1, AGAIN),
    (Unverified, "marked", "uncertain", 0, DOUBT),
    (Unverified, "begun", "uncertain", 0, DOUBT),
    (Unverified, "acted", "uncertain", 1, DOUBT),
    (Unverified, "unrecorded", "uncertain", 1, DOUBT),
    (Unverified, "recorded", "succeeded", 1, BEYOND),
    (Together, "begun", "succeeded", 1, AGAIN),
    (Together, "acted", "succeeded", 1, AGAIN),
    (Together, "unrecorded", "succeeded", 1, AGAIN),
    (Together, "recorded", "succeeded", 1, BEYOND),
]


@pytest.mark.parametrize(
    ("process", "point", "stands", "acted", "rows"), TABLE, ids=[f"{row[0].name}-{row[1]}" for row in TABLE]
)
def test_e14_a_worker_killed_at_any_point_of_a_step_leaves_what_its_effect_promises(  # noqa: PLR0917
    books: Database, tmp_path: Path, process: type[Process], point: str, stands: str, acted: int, rows: list[str]
) -> None:
    file = tmp_path / "traces"
    process_id = start(books, process, {"file": str(file), "dies": point})
    with child("crash_worker.py", tmp_path, at=point) as killed:
        assert killed.wait(timeout=20) == KILLED

    with working(books, process, lease=timedelta(seconds=1)):
        eventually(lambda: status(books, process_id) in AT_REST)

    traces = [*noted(file, "key"), *lines(books)]
    assert (status(books, process_id), len(traces), len(set(traces))) == (stands, acted, min(acted, 1))
    assert [f"{step} {outcome}" for step, outcome in outcomes(books, process_id)] == rows
