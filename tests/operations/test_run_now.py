"""A process is taken at once: what waits for its moment, and what is asked again whether its step happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from rig import NOON, Three, history, row, start, status, work

from process_manager import Done, Process, Retry, Step, StepRun, Wait, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import HeldByAnother, Refused
from process_manager.operations import Act

ANSWERS: list[Any] = []


class Rests(Process):
    STEPS = {"a": "rest"}

    def rest(self, run: StepRun) -> Any:
        return Wait("later", after=timedelta(days=9)) if not history_of(run) else Done("at last")


class Doubts(Process):
    STEPS = {"a": Step("pay", effect="once", verify="ask"), "b": "tell"}

    def pay(self, run: StepRun) -> Any:
        ANSWERS.append("paid")
        raise TimeoutError("no answer")

    def ask(self, run: StepRun) -> Any:
        return ANSWERS[0] if ANSWERS and not isinstance(ANSWERS[0], str) else None

    def tell(self, run: StepRun) -> Done:
        return Done()


class Blind(Doubts):
    STEPS = {"a": Step("pay", effect="once"), "b": "tell"}


REGISTRY = Registry([Three, Rests, Doubts, Blind])


def history_of(run: StepRun) -> bool:
    return RUNS.setdefault(run.process_id, 0) > 0 or bool(RUNS.update({run.process_id: 1}))


RUNS: dict[int, int] = {}


@pytest.fixture(autouse=True)
def afresh() -> None:
    ANSWERS.clear()
    RUNS.clear()


def run_now(database: Database, process_id: int) -> None:
    with database.begin() as connection:
        operations.run_now(connection, process_id, Act(Actor("Bo"), "SAP is open"), registry=REGISTRY)


@pytest.mark.every_database
def test_what_waits_for_its_moment_is_due_now_in_the_same_round(database: Database) -> None:
    process_id = start(database, Rests)
    work(database, Rests)
    before = row(database, process_id)

    run_now(database, process_id)
    due = row(database, process_id)
    work(database, Rests)

    assert (before["status"], due["status"], due["round"], due["attempts"]) == ("waiting", "pending", 1, 0)
    assert status(database, process_id) == "succeeded"
    told = [(each.outcome, each.by, each.message) for each in history(database, process_id)]
    assert told == [("wait", None, "later"), ("run-now", "Bo", "SAP is open"), ("done", None, "at last")]


@pytest.mark.every_database
def test_an_uncertain_one_is_asked_again_and_never_repeated_before(database: Database) -> None:
    process_id = start(database, Doubts)
    work(database, Doubts)
    assert status(database, process_id) == "uncertain"

    run_now(database, process_id)
    work(database, Doubts)
    assert (status(database, process_id), ANSWERS) == ("uncertain", ["paid"])

    ANSWERS.insert(0, Done("the bank has it"))
    run_now(database, process_id)
    work(database, Doubts)
    assert (status(database, process_id), ANSWERS[1:]) == ("succeeded", ["paid"])


def test_a_step_that_did_not_happen_runs_again(database: Database) -> None:
    process_id = start(database, Doubts)
    work(database, Doubts)

    ANSWERS.insert(0, Retry("the bank has nothing"))
    run_now(database, process_id)
    work(database, Doubts)

    assert ANSWERS.count("paid") == 2


def _blind(database: Database) -> int:
    process_id = start(database, Blind)
    work(database, Blind)
    return process_id


def _behind(database: Database) -> int:
    start(database, Three, order_key="o")
    return start(database, Three, order_key="o")


def _done(database: Database) -> int:
    process_id = start(database, Three)
    work(database, Three)
    return process_id


@pytest.mark.parametrize(
    ("made", "error", "why"),
    [
        (_blind, Refused, "step 'a' has no verify that is known here"),
        (_behind, HeldByAnother, "ahead of it"),
        (lambda database: start(database, Three), Refused, "it is due already"),
        (_done, Refused, "it waits for no moment"),
    ],
    ids=["no verify", "in a lane", "due", "done"],
)
def test_what_cannot_be_taken_at_once_is_refused(
    database: Database, made: Callable[[Database], int], error: type[Exception], why: str
) -> None:
    process_id = made(database)
    before = row(database, process_id)

    with pytest.raises(error, match=why):
        run_now(database, process_id)

    assert row(database, process_id) == before


def test_what_is_started_for_later_is_due_now(database: Database) -> None:
    process_id = start(database, Three, at=NOON + timedelta(days=9_999))

    run_now(database, process_id)
    work(database, Three)

    assert status(database, process_id) == "succeeded"
