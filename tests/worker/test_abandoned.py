"""E16: what is abandoned while it runs stays abandoned, whatever its step still does."""

import threading
from datetime import timedelta
from typing import Any

from rig import abandon, eventually, odd, outcomes, row, start, status, told, worker, working
from rows import everything
from traced_steps import Long, noted

from process_manager import Done, StepRun
from process_manager.database import Database


def test_e16_a_running_step_learns_that_its_process_was_abandoned_and_its_late_answer_changes_nothing(
    database: Database, tmp_path: Any
) -> None:
    process_id = start(
        database, Long, {"file": str(tmp_path / "effects"), "go": str(tmp_path / "go"), "obeys": True}, dedup_key="k"
    )
    with working(database, Long, lease=timedelta(seconds=1)):
        eventually(lambda: noted(tmp_path / "effects", "pid"))

        abandon(database, process_id)
        before = everything(database)
        eventually(lambda: "stopped" in noted(tmp_path / "effects", "what"))

    assert everything(database) == before
    assert told(database, process_id, "step", "attempt", "outcome", "by") == [
        ("rest", 1, "lost", None),
        ("rest", 0, "abandon", "Bo"),
    ]
    assert row(database, process_id)["fence"] == 2
    assert start(database, Long, dedup_key="k") != process_id


def test_e16_a_worker_does_not_wait_for_ever_for_a_step_that_hangs_in_an_abandoned_process(
    database: Database, tmp_path: Any
) -> None:
    process_id = start(database, Long, {"file": str(tmp_path / "effects"), "go": str(tmp_path / "go")})
    made = worker(database, Long, only=process_id, lease=timedelta(seconds=1))
    thread = threading.Thread(target=made.run)
    thread.start()
    eventually(lambda: noted(tmp_path / "effects", "pid"))

    abandon(database, process_id)
    thread.join(10)

    assert not thread.is_alive()
    assert noted(tmp_path / "effects", "what") == ["began"]
    (tmp_path / "go").touch()


def test_e12_e16_a_late_success_revives_nothing(database: Database) -> None:
    began, go = threading.Event(), threading.Event()

    def answer(run: StepRun) -> Done:
        began.set()
        go.wait(10)
        return Done("late")

    process = odd(answer)
    process_id = start(database, process)
    made = worker(database, process, until_empty=True)
    thread = threading.Thread(target=made.run)
    thread.start()
    began.wait(10)

    abandon(database, process_id)
    go.set()
    thread.join(10)

    assert status(database, process_id) == "abandoned"
    assert outcomes(database, process_id) == [("do", "lost"), ("do", "abandon")]
