"""E15: what ends the process that it runs in is convicted by crashes of processes of its own, and nothing beside it."""

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from cases import noted
from convicts import Apart, Free, Posted
from rig import child, eventually, get, history, outcomes, restart, row, start, status, told, work, working

from process_manager import inspection
from process_manager.database import Database
from process_manager.inspection.explaining import explain

SECOND = timedelta(seconds=1)
WINDOWS = sys.platform == "win32"
KILLED = "ended with exit code 15" if WINDOWS else "was ended by SIGKILL (signal 9)"
CURE = (
    " That was crash number 3 of a process of its own. Find out why, then "
    "`process-manager restart-process 1` or `abandon-process 1 --reason …`."
)


@pytest.mark.every_database
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
        (3, "do", 1, "lost", message + CURE),
    ]
    found = row(database, process_id)
    held = {name: found[name] for name in ("status", "crashes", "own_crashes", "attempts", "due_at", "finished_at")}
    assert held == {
        "status": "quarantined", "crashes": 3, "own_crashes": 3, "attempts": 0, "due_at": None, "finished_at": None,
    }  # fmt: skip
    traces = noted(tmp_path / "file", "pid", "key")
    assert (len({pid for pid, _ in traces}), len({key for _, key in traces})) == (3, 1)
    assert os.getpid() not in {pid for pid, _ in traces}
