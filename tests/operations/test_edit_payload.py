"""Correcting what a process carries, while no step of it runs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from once_steps import calls, once
from rig import (
    NOON,
    Three,
    eventually,
    execute,
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

from process_manager import Done, Process, Reject, Retry, StepRun, every, operations
from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.errors import ChangedSince, HeldByAnother, Refused, UnknownId, UsageError
from process_manager.operations import Act, PayloadChange, PayloadEdit


def edit(database: Database, process_id: int, *classes: type[Process], unset: Any = (), **changes: Any) -> PayloadEdit:
    """Change the payload, as Ada; a path has __ for its dots."""
    act = Act(Actor("Ada"), "the citizen called")
    named = {path.replace("__", "."): value for path, value in changes.items()}
    with database.begin() as connection:
        return operations.edit_payload(
            connection, process_id, act, registry=Registry(classes or (Three,)), changes=named, unset=unset
        )


@pytest.mark.every_database
def test_a_failed_process_carries_other_facts_in_a_new_round_and_stays_failed(database: Database) -> None:
    seen: list[Any] = []

    def send(run: StepRun) -> Done | Retry:
        seen.append(run.payload["contact"])
        return Done() if run.payload["contact"]["phone"] else Retry("no phone")

    process = odd(send, retry=every(seconds=1, attempts=1))
    process_id = start(database, process, {"contact": {"name": "Ada", "phone": None}, "note": "old", "x": 1})
    work(database, process)

    made = edit(database, process_id, process, unset=["note"], contact__phone="123")
    stands = row(database, process_id)
    restart(database, process_id, process)
    work(database, process)

    assert made.changes() == [PayloadChange("contact.phone", "null", '"123"'), PayloadChange("note", '"old"', None)]
    names = ("status", "step", "attempts", "round", "seq", "due_at")
    assert [stands[name] for name in names] == ["failed", "do", 0, 2, 2, None]
    assert json.loads(stands["payload"]) == {"contact": {"name": "Ada", "phone": "123"}, "x": 1}
    assert json.loads(stands["parameters"]) == {"contact": {"name": "Ada", "phone": None}, "note": "old", "x": 1}
    assert told(database, process_id, "round", "step", "outcome", "message", "by", "payload")[:3] == [
        (1, "do", "retry", "no phone", None, None),
        (2, "do", "edit-payload", "contact.phone changed; note removed: the citizen called", "Ada",
         {"contact": {"phone": "123"}}),
        (3, "do", "restart", "SAP is back", "Ada", None),
    ]  # fmt: skip
    assert (status(database, process_id), [each["phone"] for each in seen]) == ("succeeded", [None, "123"])


@pytest.mark.every_database
def test_what_waits_keeps_its_moment_and_its_place_in_its_lane(database: Database) -> None:
    head = start(database, payload={"n": 1}, order_key="k", at=NOON + timedelta(days=999))
    behind = start(database, payload={"n": 1}, order_key="k")
    before = [row(database, process_id) for process_id in (head, behind)]

    for process_id in (head, behind):
        edit(database, process_id, n=2)

    names = ("status", "due_at", "retry_after", "waiting_for", "fence")
    after = [row(database, process_id) for process_id in (head, behind)]
    assert [[each[name] for name in names] for each in after] == [[each[name] for name in names] for each in before]
    assert [get(database, process_id).payload for process_id in (head, behind)] == [{"n": 2}, {"n": 2}]


@pytest.mark.every_database
def test_a_rejected_process_is_corrected_before_the_rule_is_asked_again(database: Database) -> None:
    process = odd(lambda run: Done() if run.payload["city"] == "Odense" else Reject("moved away"))
    process_id = start(database, process, {"city": "Bergen"}, order_key="k", dedup_key="d")
    behind = start(database, process, {"city": "Odense"}, order_key="k")
    work(database, process, only=process_id)
    rejected = row(database, process_id)

    edit(database, process_id, process, city="Odense")
    edited = row(database, process_id)
    restart(database, process_id, process)
    work(database, process)

    assert (edited["status"], edited["finished_at"]) == ("rejected", rejected["finished_at"])
    assert (status(database, process_id), status(database, behind)) == ("succeeded", "succeeded")


def test_a_dedup_key_that_another_has_by_now_is_not_freed_by_an_edit(database: Database) -> None:
    process = odd(lambda _run: Reject("no"))
    process_id = start(database, process, {"n": 1}, dedup_key="d")
    work(database, process)
    other = start(database, process, {"n": 1}, dedup_key="d")

    edit(database, process_id, process, n=2)

    assert execute(database, "SELECT process_id FROM dedup_keys") == [(other,)]


# --- what is refused --------------------------------------------------------------------------------------------


def test_what_would_change_nothing_is_refused(database: Database) -> None:
    process_id = start(database, payload={"n": 1})
    before = everything(database)

    with pytest.raises(UsageError, match=f"The payload of process {process_id} is so already. Nothing was changed."):
        edit(database, process_id, n=1)
    with pytest.raises(UsageError, match="Nothing is to be changed"):
        edit(database, process_id)

    assert everything(database) == before


def test_what_runs_is_not_changed_under_its_step(database: Database) -> None:
    began: list[StepRun] = []

    def rest(run: StepRun) -> Done:
        began.append(run)
        eventually(lambda: run.stop_requested)
        return Done()

    process = odd(rest)
    process_id = start(database, process, {"n": 1})
    with working(database, process) as holder:
        eventually(lambda: began)
        with pytest.raises(HeldByAnother, match=f"held by worker {holder.name}"):
            edit(database, process_id, process, n=2)


def test_while_a_step_is_in_doubt_its_verify_sees_what_it_saw(database: Database) -> None:
    process = once(calls(TimeoutError("read")))
    process_id = start(database, process, {"n": 1})
    work(database, process)

    with pytest.raises(Refused, match=f"verify has to see what the step saw. .*resolve-process {process_id}"):
        edit(database, process_id, process, n=2)


def test_what_has_ended_for_good_or_is_not_there_is_not_changed(database: Database) -> None:
    process_id = start(database, payload={"n": 1})
    work(database)

    with pytest.raises(Refused, match=f"nothing would read what is changed. .*rerun-process {process_id}"):
        edit(database, process_id, n=2)
    with pytest.raises(UnknownId):
        edit(database, 99, n=2)


def test_a_payload_is_edited_only_where_its_class_is_known(database: Database) -> None:
    process_id = start(database, payload={"n": 1})

    with pytest.raises(Refused, match=r"nobody can tell what fits\. Edit it where that"):
        edit(database, process_id, odd(lambda _run: Done()), n=2)


@pytest.mark.every_database
def test_an_edit_of_what_was_looked_at_is_refused_once_anything_has_happened_since(database: Database) -> None:
    process_id = start(database, payload={"n": 1})
    act, registry = Act(Actor("Ada"), "the citizen called"), Registry((Three,))

    def changed(number: int, *seen: int) -> None:
        with database.begin() as connection:
            changes = {"n": number}
            operations.edit_payload(connection, process_id, act, registry=registry, changes=changes, seen=seen)

    changed(2, 0)
    changed(3, 7, 1)
    with pytest.raises(ChangedSince, match=r"is pending: it has changed since you looked: its history has 2 rows"):
        changed(4, 1)

    assert json.loads(row(database, process_id)["payload"]) == {"n": 3}
