"""The way of a step, from its claim to its record, leads through few files: who opens the loop can follow it."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from rig import odd, start, work

import process_manager
from process_manager import Done, Retry, RetryPolicy, StepRun
from process_manager.database import Database

ENGINE = Path(process_manager.__file__).parent
MOST = 15  # files that a reader opens on this way
BEGINNINGS = ("UPDATE processes SET", "INSERT INTO process_steps")


def on_the_stack() -> Iterator[str]:
    """Yield the engine's files that are being run in this thread."""
    frame = sys._getframe()
    while frame := frame.f_back:  # type: ignore[assignment]
        file = Path(frame.f_code.co_filename)
        if ENGINE in file.parents:
            yield file.relative_to(ENGINE).as_posix()


def test_a_step_is_claimed_run_decided_and_recorded_within_fifteen_files(database: Database) -> None:
    way: dict[str, set[str]] = {"claim and record": set(), "run": set(), "decide": set()}

    def answer(run: StepRun) -> Done | Retry:
        way["run"].update(on_the_stack())
        return Done() if run.attempt > 1 else Retry("down")

    def rest(_attempt: int, _roll: float) -> timedelta:
        way["decide"].update(on_the_stack())
        return timedelta(0)

    @sa.event.listens_for(database.engine, "before_cursor_execute")
    def executes(*given: object) -> None:
        if str(given[2]).lstrip().startswith(BEGINNINGS):
            way["claim and record"].update(on_the_stack())

    process = odd(answer, retry=RetryPolicy("at once", None, None, rest))
    start(database, process)
    work(database, process)

    assert {part for part, files in way.items() if not files} == set()
    found = sorted(set().union(*way.values()))
    assert len(found) <= MOST, found
    assert {"worker/loop.py", "worker/claims.py", "lifecycle/next_state.py", "store/recording.py"} <= set(found)
