"""Leaving out the step at which a process rests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from once_steps import calls, once
from rig import (
    NOON,
    Three,
    eventually,
    get,
    odd,
    restart,
    row,
    start,
    status,
    told,
    work,
    working,
)
from rows import everything

from process_manager import Done, Process, Reject, Retry, Step, StepRun, Wait, every, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import HeldByAnother, Refused, UnknownId
from process_manager.operations import Act

ONCE = every(seconds=1, attempts=1)


def skip(database: Database, process_id: int, *classes: type[Process]) -> None:
    """Leave the step out, as Ada."""
    act = Act(Actor("Ada"), "sent by hand")
    with database.begin() as connection:
        operations.skip_step(connection, process_id, act, registry=Registry(classes or (Three,)))


@pytest.mark.every_database
def test_a_process_goes_on_with_the_next_step_in_a_new_round(database: Database) -> None:
    process = odd(lambda _run: Retry("the printer is down"), retry=ONCE)
    process_id = start(database, process, {"letter": 7})
    work(database, process)

    skip(database, process_id, process)
    stands = row(database, process_id)
    work(database, process)

    names = ("status", "step", "attempts", "round", "seq", "finished_at")
    assert [stands[name] for name in names] == ["pending", "after", 0, 2, 2, None]
    assert told(database, process_id, "seq", "round", "step", "outcome", "message", "by") == [
        (1, 1, "do", "retry", "the printer is down", None),
        (2, 2, "do", "skip-step", "sent by hand", "Ada"),
        (3, 2, "after", "done", "after", None),
    ]
    assert (status(database, process_id), get(database, process_id).payload) == ("succeeded", {"letter": 7})


@pytest.mark.every_database
def test_after_the_last_step_it_is_skipped_and_lets_go_of_lane_and_key(database: Database) -> None:
    process = odd(lambda _run: Retry("down"), retry=ONCE)
    last = type("Last", (process,), {"name": "last", "STEPS": {"do": "do"}})
    process_id = start(database, last, order_key="k", dedup_key="d")
    behind = start(database, last, order_key="k")
    work(database, last)

    skip(database, process_id, last)

    found = row(database, process_id)
    assert (found["status"], found["step"], found["finished_at"] is None) == ("skipped", "do", False)
    assert status(database, behind) == "pending"
    assert start(database, last, dedup_key="d") != process_id


def test_what_rests_until_a_moment_is_due_with_the_next_step(database: Database) -> None:
    process = odd(lambda _run: Wait("for the bank", after=timedelta(days=3)))
    waiting, later, due = start(database, process), start(database, process, at=NOON + timedelta(days=999)), 0
    work(database, process)
    due = start(database, process)

    for process_id in (waiting, later, due):
        skip(database, process_id, process)

    stands = [row(database, process_id) for process_id in (waiting, later, due)]
    assert [(each["status"], each["step"], each["retry_after"]) for each in stands] == [("pending", "after", None)] * 3


def test_a_skipped_step_that_is_started_at_later_has_the_idempotency_key_that_it_had(database: Database) -> None:
    keys: dict[str, list[str]] = {"a": [], "b": [], "c": []}

    class Keyed(Process):
        STEPS = {"a": "step", "b": "step", "c": "step"}
        retry = ONCE

        def step(self, run: StepRun) -> Done | Retry:
            keys[run.step].append(run.idempotency_key)
            return Done() if run.step == "a" or len(keys[run.step]) > 1 else Retry("down")

    process_id = start(database, Keyed)
    work(database, Keyed)
    skip(database, process_id, Keyed)
    work(database, Keyed)
    restart(database, process_id, Keyed, from_step="a")
    work(database, Keyed)

    assert status(database, process_id) == "succeeded"
    assert {step: len(set(found)) for step, found in keys.items()} == {"a": 2, "b": 1, "c": 1}


def test_a_step_that_may_have_happened_is_not_skipped_but_resolved(database: Database) -> None:
    process = once(calls(TimeoutError("read")))
    process_id = start(database, process)
    work(database, process)
    before = everything(database)

    with pytest.raises(Refused, match=f"step 'do' may have happened, and skipping .* resolve-process {process_id}"):
        skip(database, process_id, process)

    assert everything(database) == before


def test_a_step_that_failed_in_doubt_is_asked_first(database: Database) -> None:
    process = once(calls(Done(payload={"x": object()})))
    process_id = start(database, process)
    work(database, process)

    with pytest.raises(Refused) as refused:
        skip(database, process_id, process)

    assert status(database, process_id) == "failed"
    assert f"`process-manager restart-process {process_id}` makes it due again. Its verify is asked" in str(
        refused.value
    )


def test_a_rule_that_said_no_is_not_skipped(database: Database) -> None:
    process = odd(lambda _run: Reject("the citizen has moved"))
    process_id = start(database, process)
    work(database, process)

    with pytest.raises(Refused, match=f"a rule is not skipped.*restart-process {process_id}.*rerun-process"):
        skip(database, process_id, process)


def test_what_has_ended_or_is_not_there_is_not_skipped(database: Database) -> None:
    process_id = start(database)
    work(database)

    with pytest.raises(Refused, match=f"no step of it is left to skip. .*rerun-process {process_id}"):
        skip(database, process_id)
    with pytest.raises(UnknownId):
        skip(database, 99)


def test_what_runs_is_not_skipped_but_its_holder_named(database: Database) -> None:
    began: list[StepRun] = []

    def rest(run: StepRun) -> Done:
        began.append(run)
        eventually(lambda: run.stop_requested)
        return Done()

    process = odd(rest)
    process_id = start(database, process)
    with working(database, process) as holder:
        eventually(lambda: began)
        with pytest.raises(HeldByAnother, match=f"held by worker {holder.name}"):
            skip(database, process_id, process)


def test_what_waits_in_its_lane_is_not_skipped_but_the_one_ahead_named(database: Database) -> None:
    ahead = start(database, order_key="k")
    behind = start(database, order_key="k")

    with pytest.raises(HeldByAnother, match=f"held by process {ahead}, which is ahead of it"):
        skip(database, behind)


@pytest.mark.parametrize("classes", [(), (type("Other", (Three,), {"name": "three", "STEPS": {"z": Step("step")}}),)])
def test_what_comes_next_is_asked_only_where_it_is_known(database: Database, classes: Any) -> None:
    process_id = start(database)

    with pytest.raises(Refused, match=r"what comes next is not either\. Skip it where that is"):
        skip(database, process_id, *(classes or (odd(lambda _run: Done()),)))
