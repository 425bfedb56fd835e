"""Parents that went on by themselves before a child settled: what settles meanwhile is neither lost nor wakes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from asking_steps import Approval
from family_steps import Family, Letter
from rig import execute, odd, row, start, status, work
from task_acts import answer, listed

from process_manager import Ask, Done, Process, Registry, StepRun, Wait, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.operations import Act
from process_manager.store import join_sweep
from process_manager.worker.join_sweep import SELDOM, JoinSweep

CHILDREN = "SELECT process_id FROM children WHERE parent_id = :parent ORDER BY process_id"

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


def settled_by_a_worker_that_knows_of_no_parents(database: Database, child: int) -> None:
    execute(database, "UPDATE processes SET status = 'failed', due_at = NULL WHERE id = :child", child=child)


@pytest.mark.parametrize("waits", ["all", "any"])
def test_children_that_nobody_told_of_are_counted_anew_and_wake_their_parent(database: Database, waits: Any) -> None:
    def looks(run: StepRun) -> Any:
        for n in range(0 if run.children else 2):
            run.start_child(Letter, {"n": n}, key=str(n))
        return Wait(children=waits)

    parent, other = [start(database, odd(looks)) for _ in range(2)]
    work(database, odd(looks))
    ours, theirs = [[each for (each,) in execute(database, CHILDREN, parent=each)] for each in (parent, other)]
    settled_by_a_worker_that_knows_of_no_parents(database, ours[0])
    settled_by_a_worker_that_knows_of_no_parents(database, theirs[0])

    JoinSweep(database).look()
    first = [status(database, each) for each in (parent, other)]
    settled_by_a_worker_that_knows_of_no_parents(database, ours[1])
    JoinSweep(database).look()

    assert first == [{"all": "waiting", "any": "pending"}[waits]] * 2
    assert [status(database, each) for each in (parent, other)] == ["pending", first[1]]


def test_the_joins_are_counted_anew_from_the_newest_on_page_by_page(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    parents = [start(database, Family, {"letters": 1}) for _ in range(3)]
    work(database, Family)
    for parent in parents:
        settled_by_a_worker_that_knows_of_no_parents(database, *execute(database, CHILDREN, parent=parent)[0])
    sweep = JoinSweep(database)
    with small_pages(monkeypatch):
        seen = []
        for _ in range(2 * SELDOM + 1):
            sweep.look()
            seen.append([status(database, each) for each in parents].count("pending"))

    assert [seen[0], seen[SELDOM - 1], seen[SELDOM], seen[-1]] == [1, 1, 2, 3]


@contextmanager
def small_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    statements = (join_sweep.page_statement, join_sweep.edge_statement)
    with monkeypatch.context() as changed:
        changed.setattr(join_sweep, "COUNTED", 1)
        changed.setattr(join_sweep, "READ", 2)
        for each in statements:
            each.cache_clear()
        yield
    for each in statements:
        each.cache_clear()
