"""Workers that are killed, stopped and slowed, as real processes of their own."""

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from rig import Three, child, eventually, execute, get, outcomes, row, start, status, told, work, working
from rows import everything
from traced_steps import Long, Posting, noted

from process_manager import clock
from process_manager.database import Database

pytestmark = pytest.mark.crash

SECOND = timedelta(seconds=1)
KILLED = signal.SIGTERM if sys.platform == "win32" else -signal.SIGKILL  # what psutil's kill leaves
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the python of a .venv is a launcher there, with another id")


def killed_after_its_effect(database: Database, folder: Path) -> int:
    process_id = start(database, Posting, {"file": str(folder / "effects"), "dies": True})
    with child("run_worker.py", folder, lease=1) as worker:
        assert worker.wait(timeout=20) == KILLED
    return process_id


def test_e2_a_step_killed_before_its_record_runs_again_with_its_key_marked_recovered(
    database: Database, tmp_path: Path
) -> None:
    process_id = killed_after_its_effect(database, tmp_path)
    assert told(database, process_id, "step", "outcome", "finished_at") == [("post", "started", None)]

    with working(database, Posting, lease=SECOND):
        eventually(lambda: status(database, process_id) == "succeeded")

    effects = noted(tmp_path / "effects", "step", "key", "recovered")
    key = effects[0][1]
    assert effects[:2] == [("post", key, False), ("post", key, True)]
    assert [(step, recovered) for step, _, recovered in effects[2:]] == [("tell", False)]
    assert told(database, process_id, "seq", "step", "attempt", "outcome") == [
        (1, "post", 1, "lost"),
        (2, "post", 1, "done"),
        (3, "tell", 1, "done"),
    ]


def test_w4_a_killed_worker_blocks_the_next_no_longer_than_its_lease(database: Database, tmp_path: Path) -> None:
    process_id = killed_after_its_effect(database, tmp_path)
    ends = row(database, process_id)["lease_ends_at"]

    with working(database, Posting, lease=timedelta(seconds=90)):
        eventually(lambda: status(database, process_id) == "succeeded")

    taken_over = told(database, process_id, "finished_at")[0][0]
    assert ends <= taken_over <= ends + 2 * SECOND


def test_w4_until_the_lease_is_over_nobody_takes_what_may_still_run(database: Database, tmp_path: Path) -> None:
    process_id = start(database, Posting, {"file": str(tmp_path / "effects"), "dies": True})
    with child("run_worker.py", tmp_path, lease=60) as worker:
        worker.wait(timeout=20)

    work(database, Posting)

    assert status(database, process_id) == "running"
    assert len(noted(tmp_path / "effects", "pid")) == 1


def test_what_a_killed_worker_held_unbegun_is_done_by_the_next(database: Database, tmp_path: Path) -> None:
    ids = [start(database, Posting, {"file": str(tmp_path / f"effects-{n}"), "dies": n == 2}) for n in range(12)]
    with child("run_worker.py", tmp_path, lease=1) as worker:
        assert worker.wait(timeout=20) == KILLED

    with working(database, Posting, lease=SECOND):
        eventually(lambda: {status(database, each) for each in ids} == {"succeeded"})

    for number in range(12):
        assert len(set(noted(tmp_path / f"effects-{number}", "step", "key"))) == 2


@pytest.fixture
def long(database: Database, tmp_path: Path) -> int:
    return start(database, Long, {"file": str(tmp_path / "effects"), "go": str(tmp_path / "go")})


@POSIX
def test_w5_a_step_longer_than_its_lease_several_times_over_is_started_once(
    database: Database, tmp_path: Path, long: int
) -> None:
    with child("run_worker.py", tmp_path, lease=1) as first:
        eventually(lambda: noted(tmp_path / "effects", "pid"))
        began = clock.now()
        with working(database, Long, lease=SECOND):
            eventually(lambda: clock.now() > began + 3.5 * SECOND)
            (tmp_path / "go").touch()
            eventually(lambda: status(database, long) == "succeeded")

    assert noted(tmp_path / "effects", "what", "pid") == [("began", first.pid), ("ended", first.pid)]
    assert outcomes(database, long) == [("rest", "done")]


def stall(worker_id: int, database: Database, process_id: int) -> None:
    """Stop the worker until the lease of the process is over."""
    os.kill(worker_id, signal.SIGSTOP)
    eventually(lambda: clock.now() > row(database, process_id)["lease_ends_at"])


@POSIX
def test_w5_a_stalled_worker_whose_lease_was_given_away_writes_nothing(
    database: Database, tmp_path: Path, long: int
) -> None:
    with child("run_worker.py", tmp_path, lease=1) as first:
        eventually(lambda: noted(tmp_path / "effects", "pid"))
        stall(first.pid, database, long)
        with working(database, Long, lease=SECOND):
            eventually(lambda: len(noted(tmp_path / "effects", "pid")) == 2)
            (tmp_path / "go").touch()
            eventually(lambda: status(database, long) == "succeeded")
        before = everything(database)

        os.kill(first.pid, signal.SIGCONT)
        eventually(lambda: ("ended", first.pid) in noted(tmp_path / "effects", "what", "pid"))
        first.terminate()
        assert first.wait(timeout=20) == 0

    assert everything(database) == before
    assert get(database, long).payload["by"] != first.pid
    assert outcomes(database, long) == [("rest", "lost"), ("rest", "done")]


@POSIX
def test_w5_a_stalled_worker_whose_lease_nobody_took_goes_on_and_starts_nothing_twice(
    database: Database, tmp_path: Path, long: int
) -> None:
    with child("run_worker.py", tmp_path, lease=1) as first:
        eventually(lambda: noted(tmp_path / "effects", "pid"))
        for _ in range(3):
            stall(first.pid, database, long)
            os.kill(first.pid, signal.SIGCONT)
            eventually(lambda: clock.now() < row(database, long)["lease_ends_at"])
        (tmp_path / "go").touch()
        eventually(lambda: status(database, long) == "succeeded")

    assert noted(tmp_path / "effects", "what") == ["began", "ended"]
    assert outcomes(database, long) == [("rest", "done")]


def test_workers_killed_at_random_lose_nothing_and_record_every_step_once(database: Database, tmp_path: Path) -> None:
    ids = [start(database, Three, order_key=f"lane {n % 40}") for n in range(400)]
    for recorded in (1, 200, 500, 900):
        with child("run_worker.py", tmp_path, lease=1) as victim:
            eventually(lambda: execute(database, "SELECT count(*) FROM process_steps")[0][0] >= recorded)  # noqa: B023
            victim.kill()

    with working(database, Three, lease=SECOND):
        eventually(lambda: execute(database, "SELECT 1 FROM processes WHERE status <> 'succeeded' LIMIT 1") == [])

    done = execute(
        database,
        "SELECT process_id, group_concat(step, '') FROM (SELECT * FROM process_steps ORDER BY 1, 2)"
        " WHERE outcome = 'done' GROUP BY process_id",
    )
    gaps = execute(database, "SELECT process_id FROM process_steps GROUP BY 1 HAVING max(seq) <> count(*)")
    assert done == [(each, "abc") for each in ids]
    assert gaps == []


def test_a_drained_worker_gives_back_what_runs_without_using_up_an_attempt(database: Database, tmp_path: Path) -> None:
    process_id = start(database, Long, {"file": str(tmp_path / "effects"), "go": str(tmp_path / "go"), "obeys": False})
    with working(database, Long) as worker:
        eventually(lambda: noted(tmp_path / "effects", "pid"))
        worker.stop()
        eventually(lambda: status(database, process_id) == "pending")

    found = row(database, process_id)
    assert (found["attempts"], found["fence"], found["lease_ends_at"]) == (0, 2, None)
    assert outcomes(database, process_id) == [("rest", "released")]
    (tmp_path / "go").touch()
    eventually(lambda: "ended" in noted(tmp_path / "effects", "what"))
    assert status(database, process_id) == "pending"
