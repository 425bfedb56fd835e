"""Parents that went on by themselves before a child settled: what settles meanwhile is neither lost nor wakes them."""

from datetime import timedelta
from typing import Any

import pytest
from asking_steps import Approval
from family_steps import Letter
from rig import execute, odd, row, start, status, work
from task_acts import answer, listed

from process_manager import Ask, Done, Process, Registry, StepRun, Wait, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.operations import Act

pytestmark = [pytest.mark.every_database, pytest.mark.slow]


def run_now(database: Database, process_id: int, process: type[Process]) -> None:
    act = Act(Actor("Ada"), "so it has to be")
    with database.begin() as connection:
        operations.run_now(connection, process_id, act, registry=Registry([process]))


def test_a_child_that_settles_while_its_parent_runs_is_news_to_the_wait_that_follows(database: Database) -> None:
    seen: list[int] = []

    def looks(run: StepRun) -> Any:
        children = run.children
        seen.append(sum(child.is_settled for child in children))
        for n in range(0 if children else 2):
            run.start_child(Letter, {"n": n}, key=str(n))
        if len(seen) == 2:
            (first,) = execute(database, "SELECT MIN(process_id) FROM children")[0]
            work(database, Letter, only=first)
        return Done() if any(seen) else Wait(children="any", after=timedelta(hours=1) if not children else None)

    parent = start(database, odd(looks))
    work(database, odd(looks))
    run_now(database, parent, odd(looks))
    work(database, odd(looks))

    assert (seen, status(database, parent)) == ([0, 0, 1], "succeeded")


def test_a_parent_that_asks_a_person_by_now_is_not_woken_by_its_children(database: Database) -> None:
    runs: list[int] = []

    def looks(run: StepRun) -> Any:
        runs.append(len(run.children))
        if not runs[-1]:
            run.start_child(Letter, {"n": 0}, key="0")
            return Wait(children="all")
        return Ask("Go on?", form=Approval) if run.answer(Approval) is None else Done()

    parent = start(database, odd(looks))
    work(database, odd(looks))
    run_now(database, parent, odd(looks))
    work(database, odd(looks))
    work(database, odd(looks), Letter)

    assert (runs, row(database, parent)["waiting_for"]) == ([0, 1], "event")
    (task,) = listed(database)
    answer(database, task.id)
    work(database, odd(looks))
    assert (runs, status(database, parent)) == ([0, 1, 1], "succeeded")
