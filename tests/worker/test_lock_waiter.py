"""Who waits for a lock in its own thread says what came of it: recorded, locked out, or to be tried as any other."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from rig import Bench, eventually, execute, odd, start

from process_manager import Done
from process_manager.database import Database, connect
from process_manager.execution.call_step import run_step
from process_manager.execution.completion import LockedOut, Recorded
from process_manager.lifecycle.transition import Transition
from process_manager.worker.lock_waiter import LockWaiter
from tests.worker.test_endings import locked

QUICKLY = odd(lambda _run: Done("done"))


def answered(database: Database) -> Transition:
    start(database, QUICKLY)
    bench = Bench(database, QUICKLY)
    (held,) = bench.write()
    return bench.claims.decide(held, run_step(held))


def waited(folder: Path, transition: Transition) -> list[Any]:
    """What is posted of an answer by one who waits a moment only."""
    came: list[Any] = []
    impatient = connect(f"sqlite:///{(folder / 'engine.db').as_posix()}", call_timeout=timedelta(seconds=0.2))
    assert LockWaiter(impatient, post=came.append).wait_for(transition)
    eventually(lambda: came)
    impatient.close()
    return came


def test_an_answer_whose_lock_is_free_is_recorded(database: Database, tmp_path: Path) -> None:
    transition = answered(database)

    assert waited(tmp_path, transition) == [Recorded(transition, kept=True)]


def test_an_answer_whose_lock_another_holds_for_too_long_is_locked_out(database: Database, tmp_path: Path) -> None:
    transition = answered(database)

    with locked(tmp_path):
        assert waited(tmp_path, transition) == [LockedOut(transition)]


def test_an_answer_that_cannot_be_written_for_another_reason_is_tried_as_any_other(
    database: Database, tmp_path: Path
) -> None:
    transition = answered(database)
    execute(database, "ALTER TABLE process_steps RENAME TO elsewhere")

    assert waited(tmp_path, transition) == [transition]
