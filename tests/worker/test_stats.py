"""What is told of a run: each process once, by how it stood last."""

from datetime import timedelta

import pytest
from rig import NOON, claim, odd, start, work

from process_manager import Done, Retry, StepRun
from process_manager.database import Database
from process_manager.lifecycle import Status
from process_manager.lifecycle.transition import HistoryEntry, ProcessState, Transition
from process_manager.worker import stats as tallies
from process_manager.worker.stats import RunStats


def left(process_id: int, status: Status) -> Transition:
    """That a process came to rest."""
    return Transition(
        claim(id=process_id), ProcessState(status, "a", 0), (HistoryEntry("a", 1, "done", "", NOON, NOON),), NOON
    )


def test_a_process_that_rested_twice_is_counted_once_by_how_it_stands_at_the_end(database: Database) -> None:
    def answer(run: StepRun) -> Done | Retry:
        return Done() if run.attempt > 2 else Retry("again", after=timedelta(0))

    start(database, odd(answer))

    stats = work(database, odd(answer))

    assert (stats.outcomes, stats.statuses) == ({"retry": 2, "done": 2}, {"succeeded": 1})


def test_one_that_a_person_made_due_again_is_counted_by_how_it_ended_then() -> None:
    stats = RunStats()

    for process_id, status in [(1, Status.REJECTED), (2, Status.FAILED), (1, Status.SUCCEEDED), (2, Status.WAITING)]:
        stats.count(left(process_id, status))

    assert stats.statuses == {"succeeded": 1, "waiting": 1}


def test_a_worker_that_runs_for_months_remembers_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "MOST", 3)
    stats = RunStats()

    for process_id in range(100):
        stats.count(left(process_id, Status.WAITING))
        stats.count(left(process_id, Status.SUCCEEDED if process_id % 2 else Status.WAITING))

    assert stats.statuses == {"waiting": 50, "succeeded": 50}
    assert len(stats._rest) <= 3
