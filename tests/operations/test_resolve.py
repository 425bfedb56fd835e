"""What a person does about a step in doubt, and what becomes of it."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from once_steps import calls, once
from rig import (
    abandon,
    eventually,
    get,
    history,
    outcomes,
    restart,
    row,
    start,
    status,
    told,
    work,
    working,
)  # fmt: skip

from process_manager import Done, Process, Step, StepRun, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.definition.step import Task
from process_manager.errors import Refused, UnknownId, UsageError
from process_manager.operations import Act


def test_restarting_what_is_in_doubt_asks_verify_before_the_step(database: Database) -> None:
    ran, asked = calls(Done(payload={"x": object()})), calls(Done("it is in SAP"))
    process = once(ran, asked)
    process_id = start(database, process)
    work(database, process)
    before = status(database, process_id)

    restart(database, process_id, process)
    work(database, process)

    assert (before, status(database, process_id)) == ("failed", "succeeded")
    assert (len(ran.runs), len(asked.runs)) == (1, 1)


def test_a_task_brings_its_own_verify(database: Database) -> None:
    class Post(Task):
        effect = "once"

        def run(self, run: StepRun) -> Done:
            raise TimeoutError("read")

        def verify(self, run: StepRun) -> Done:
            return Done(f"{run.step} is there")

    class Named(Post):
        verify = "look"

        def look(self, run: StepRun) -> Done:
            return Done("looked")

    process = type("Posts", (Process,), {"STEPS": {"a": Post, "b": Named, "c": Step(Post, verify="verify")}})
    process_id = start(database, process)

    work(database, process)

    assert told(database, process_id, "outcome", "message") == [
        ("done", "a is there"), ("done", "looked"), ("done", "c is there")
    ]  # fmt: skip


def test_an_abandoned_once_step_learns_of_it_and_changes_nothing(database: Database) -> None:
    began = threading.Event()

    def answer(run: StepRun) -> Done:
        began.set()
        eventually(lambda: run.stop_requested)
        return Done("posted")

    process = once(answer)
    process_id = start(database, process)
    with working(database, process, lease=timedelta(seconds=1)):
        assert began.wait(10)
        abandon(database, process_id)

    assert outcomes(database, process_id) == [("do", "lost"), ("do", "abandon")]
    assert status(database, process_id) == "abandoned"


# --- what a person says -----------------------------------------------------------------------------------------


def uncertain(database: Database, process: type[Process], **options: Any) -> int:
    """A process of which nobody knows whether its step happened."""
    process_id = start(database, process, **options)
    work(database, process)
    assert status(database, process_id) == "uncertain"
    return process_id


def resolve(database: Database, process_id: int, *classes: type[Process], happened: bool, payload: Any = None) -> None:
    """Say whether it happened, as Ada."""
    act = Act(Actor("Ada"), "asked the bank")
    with database.begin() as connection:
        operations.resolve(
            connection, process_id, act, happened=happened, payload=payload, registry=Registry(classes)
        )  # fmt: skip


@pytest.mark.every_database
def test_e14_what_happened_goes_on_with_the_next_step_and_with_what_the_person_knows(database: Database) -> None:
    ran = calls(TimeoutError("read"))
    process = once(ran)
    process_id = uncertain(database, process, payload={"a": 1, "b": 2})

    resolve(database, process_id, process, happened=True, payload={"b": 3, "number": 4711})
    stands = get(database, process_id)
    work(database, process)

    assert (stands.status, stands.step, stands.attempt, stands.doubtful_since) == ("pending", "after", 0, None)
    assert stands.payload == {"a": 1, "b": 3, "number": 4711}
    assert len(ran.runs) == 1
    assert told(database, process_id, "seq", "round", "step", "outcome", "by", "payload") == [
        (1, 1, "do", "doubt", None, None),
        (2, 2, "do", "resolve", "Ada", {"b": 3, "number": 4711}),
        (3, 2, "after", "done", None, None),
    ]
    assert history(database, process_id)[1].message == "It happened: asked the bank"


@pytest.mark.every_database
def test_e14_what_did_not_happen_runs_in_a_new_round_with_a_fresh_budget(database: Database) -> None:
    ran = calls(TimeoutError("read"), Done("posted"))
    process = once(ran)
    process_id = uncertain(database, process)

    resolve(database, process_id, process, happened=False)
    found = row(database, process_id)
    work(database, process)

    assert (found["status"], found["step"], found["attempts"], found["crashes"]) == ("pending", "do", 0, 0)
    assert (found["doubtful_since"], found["round"]) == (None, 2)
    assert told(database, process_id, "round", "step", "outcome", "message") == [
        (1, "do", "doubt", history(database, process_id)[0].message),
        (2, "do", "resolve", "It did not happen: asked the bank"),
        (2, "do", "done", "posted"),
        (2, "after", "done", "after"),
    ]
    assert ran.runs[0].idempotency_key == ran.runs[1].idempotency_key


@pytest.mark.every_database
def test_the_last_step_that_happened_ends_its_process_and_lets_go_of_lane_and_key(database: Database) -> None:
    process = once(calls(TimeoutError("read")), STEPS={"do": Step("do", effect="once")})
    process_id = uncertain(database, process, order_key="k", dedup_key="d")
    behind = start(database, process, order_key="k")

    resolve(database, process_id, process, happened=True, payload={"number": 4711})

    found = row(database, process_id)
    assert (found["status"], found["step"], found["finished_at"] is None) == ("succeeded", None, False)
    assert get(database, process_id).payload == {"number": 4711}
    assert status(database, behind) == "pending"
    assert start(database, process, dedup_key="d") != process_id


@pytest.mark.parametrize("payload", [[1], "text", {"x": float("nan")}])
def test_what_no_step_could_answer_is_refused_and_changes_nothing(database: Database, payload: Any) -> None:
    process = once(calls(TimeoutError("read")))
    process_id = uncertain(database, process)
    before = row(database, process_id)

    with pytest.raises(UsageError, match="payload"):
        resolve(database, process_id, process, happened=True, payload=payload)

    assert row(database, process_id) == before


def test_a_payload_of_a_step_that_did_not_happen_is_refused_and_not_lost_in_silence(database: Database) -> None:
    process = once(calls(TimeoutError("read")))
    process_id = uncertain(database, process)

    with pytest.raises(UsageError, match="did not happen answered nothing"):
        resolve(database, process_id, process, happened=False, payload={"invoice": 7})

    assert status(database, process_id) == "uncertain"


def test_what_comes_next_is_asked_only_where_it_is_known(database: Database) -> None:
    process = once(calls(TimeoutError("read")))
    process_id = uncertain(database, process)

    with pytest.raises(Refused, match="version 1 of 'once' is not known here, so what comes next is not either"):
        resolve(database, process_id, happened=True)
    resolve(database, process_id, happened=False)

    assert status(database, process_id) == "pending"


def test_only_what_is_uncertain_is_resolved(database: Database) -> None:
    process = once(calls(Done(), TimeoutError("read")))
    done = start(database, process)
    work(database, process)
    due = start(database, process)

    with pytest.raises(Refused, match=f"has succeeded: it has ended, and nothing .*rerun-process {done}"):
        resolve(database, done, process, happened=True)
    with pytest.raises(Refused, match=f"is pending: no step of it is in doubt. .*work {due}"):
        resolve(database, due, process, happened=False)
    with pytest.raises(UnknownId):
        resolve(database, 99, process, happened=False)
    work(database, process)
    with pytest.raises(Refused, match=f"cannot be restarted. .*resolve-process {due} --happened"):
        restart(database, due, process)
