"""Acts on one process by the API: done through the one way in, refused with what would do instead."""

from __future__ import annotations

from typing import Any

import pytest
from api_caller import Caller, Letter
from fastapi import FastAPI
from rig import Three, execute, start, work

from process_manager.database import Database
from process_manager.web.office import Office


def in_status(database: Database, status: str, **more: Any) -> int:
    """A process that stands so."""
    process_id = start(database)
    values = {"status": status, "due_at": None, **more}
    setting = ", ".join(f"{name} = :{name}" for name in values)
    execute(database, f"UPDATE processes SET {setting} WHERE id = :id", id=process_id, **values)  # noqa: S608 - ours
    return process_id


def uncertain(database: Database) -> int:
    return in_status(database, "uncertain", doubtful_since="2026-01-01 00:00:00.000000")


def ended(database: Database) -> int:
    process_id = start(database)
    work(database)
    return process_id


def stands(database: Database, process_id: int) -> Any:
    return execute(database, "SELECT status FROM processes WHERE id = :id", id=process_id)[0][0]


@pytest.mark.parametrize(
    ("act", "make", "body"),
    [
        ("restart", lambda db: in_status(db, "failed"), {}),
        ("abandon", start, {"reason": "paid by hand"}),
        ("cancel", start, {"reason": "the wrong list"}),
        ("resolve", uncertain, {"happened": False, "reason": "it is not in SAP"}),
        ("skip-step", start, {"reason": "done by hand"}),
    ],
    ids=["restart", "abandon", "cancel", "resolve", "skip-step"],
)
def test_an_act_is_done_and_on_the_audit_chain(
    caller: Caller, database: Database, act: str, make: Any, body: dict[str, Any]
) -> None:
    process_id = make(database)

    tried = caller.post(f"/processes/{process_id}/{act}", {**body, "dry_run": True})
    before = stands(database, process_id)
    assert execute(database, "SELECT * FROM audit") == []
    answer = caller.post(f"/processes/{process_id}/{act}", body, X_Request_ID="r-1")

    assert tried.json() == {"process_id": process_id, "act": act, "audit_number": None, "is_dry_run": True}
    assert before != "abandoned"
    assert (answer.status_code, answer.json()["audit_number"]) == (200, 1)
    assert stands(database, process_id) == ("abandoned" if act in ("abandon", "cancel") else "pending")
    chained = execute(database, "SELECT act, actor, way, request_id, reason, result FROM audit")
    assert chained == [(act, "payroll", "api", "r-1", body.get("reason", ""), "done")]


def test_what_is_refused_names_how_it_stands_and_what_would_do(caller: Caller, database: Database) -> None:
    process_id = ended(database)

    answer = caller.post(f"/processes/{process_id}/restart")

    assert (answer.status_code, answer.json()["code"]) == (409, "refused")
    assert answer.json()["detail"] == (
        f"Process {process_id} has succeeded: it cannot be restarted. "
        f"`process-manager rerun-process {process_id}` makes a new process linked to it."
    )


def test_a_rerun_answers_where_the_new_process_is(caller: Caller, database: Database) -> None:
    process_id = ended(database)

    tried = caller.post(f"/processes/{process_id}/rerun", {"dry_run": True})
    answer = caller.post(f"/processes/{process_id}/rerun")

    assert (tried.status_code, tried.json()["new_id"]) == (200, None)
    assert (answer.status_code, answer.json()["new_id"]) == (201, process_id + 1)
    assert answer.headers["location"] == f"/api/v1/processes/{process_id + 1}"
    assert caller.get(f"/processes/{process_id + 1}").json()["rerun_of"] == process_id


def test_an_uncertain_process_goes_on_with_what_its_step_answered(caller: Caller, database: Database) -> None:
    process_id = uncertain(database)
    path = f"/processes/{process_id}/resolve"

    assert caller.post(path, {"happened": False, "payload": {"sap": 7}, "reason": "x"}).status_code == 422
    assert caller.post(path, {"happened": True, "payload": {"sap": 7}, "reason": "it is there"}).status_code == 200

    found = caller.get(f"/processes/{process_id}").json()
    assert (found["step"], found["payload"]) == ("b", {"sap": 7})


def test_an_edit_wants_the_process_as_it_was_looked_at(caller: Caller, database: Database) -> None:
    process_id = start(database, payload={"city": "Aarhus"})
    path = f"/processes/{process_id}/edit-payload"
    tag = caller.get(f"/processes/{process_id}").headers["etag"]

    without = caller.post(path, {"set": {"city": "Odense"}, "reason": "she moved"})
    first = caller.post(path, {"set": {"city": "Odense"}, "reason": "she moved"}, If_Match=tag)
    second = caller.post(path, {"set": {"city": "Ribe"}, "reason": "she moved"}, If_Match=tag)
    third = caller.post(path, {"unset": ["city"], "reason": "unknown"}, If_Match="*")

    assert (without.status_code, without.json()["errors"][0]["field"]) == (422, "if-match")
    assert first.json()["changes"] == [{"path": "city", "before": '"Aarhus"', "after": '"Odense"'}]
    assert (second.status_code, second.json()["code"]) == (412, "changed-since")
    assert third.json()["changes"] == [{"path": "city", "before": '"Odense"', "after": None}]
    assert caller.get(f"/processes/{process_id}").json()["payload"] == {}


@pytest.mark.parametrize("changed", [{"cpr": "020290-4321"}, {"city": "of 020290-4321", "cpr": "020290-4321"}])
def test_an_edit_shows_nothing_that_is_marked(caller: Caller, database: Database, changed: dict[str, str]) -> None:
    process_id = start(database, Letter, {"cpr": "010190-1234"})

    answer = caller.post(f"/processes/{process_id}/edit-payload", {"set": changed, "reason": "a slip"}, If_Match="*")

    assert answer.status_code == 200
    assert "010190" not in answer.text
    assert "020290" not in answer.text


@pytest.mark.parametrize(
    ("act", "body", "field"),
    [
        ("abandon", {}, "reason"),
        ("abandon", {"reason": "  "}, "reason"),
        ("resolve", {"reason": "x"}, "happened"),
        ("restart", {"from": "a"}, "from"),
        ("restart", {"from_step": 7}, "from_step"),
    ],
)
def test_what_an_act_lacks_is_told_by_its_path(
    caller: Caller, database: Database, act: str, body: dict[str, Any], field: str
) -> None:
    answer = caller.post(f"/processes/{start(database)}/{act}", body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


def test_a_reason_that_the_office_wants_is_wanted_here_too(app: FastAPI, caller: Caller, database: Database) -> None:
    office: Office = app.state.office
    object.__setattr__(office.policies, "reasons", frozenset({("three", "restart")}))

    answer = caller.post(f"/processes/{in_status(database, 'failed')}/restart")

    assert (answer.status_code, answer.json()["code"]) == (422, "reason-required")
    assert answer.json()["errors"] == [{"in": "body", "field": "reason", "problem": "missing"}]


def test_a_bulk_tells_what_became_of_each(caller: Caller, database: Database) -> None:
    failed, done = in_status(database, "failed"), ended(database)

    answer = caller.post("/processes/restart", {"ids": [failed, done, 99, failed]}).json()

    assert [(each["id"], each["result"], each["audit_number"]) for each in answer["results"]] == [
        (failed, "done", 1),
        (done, "refused", 2),
        (99, "refused", None),
    ]
    assert (answer["done"], answer["failed"], answer["left"]) == (1, 2, 0)
    assert "has succeeded" in answer["results"][1]["message"]


def test_a_bulk_of_what_matches_takes_what_needs_a_person_the_oldest_first(caller: Caller, database: Database) -> None:
    made = [in_status(database, "failed") for _ in range(3)]
    rejected = in_status(database, "rejected", finished_at="2026-01-01 00:00:00.000000")

    tried = caller.post("/processes/restart", {"where": {"name": "three"}, "limit": 2, "dry_run": True}).json()
    first = caller.post("/processes/restart", {"where": {"name": "three"}, "limit": 2}).json()
    second = caller.post("/processes/restart", {"where": {"name": "three"}}).json()

    assert [each["id"] for each in tried["results"]] == [each["id"] for each in first["results"]] == made[:2]
    assert (first["left"], tried["is_dry_run"]) == (1, True)
    assert [each["id"] for each in second["results"]] == made[2:]
    assert stands(database, rejected) == "rejected"


def test_a_bulk_counts_what_is_left_without_doing_it(caller: Caller, database: Database) -> None:
    for _ in range(4):
        in_status(database, "failed")

    answer = caller.post("/processes/restart", {"where": {"status": ["failed"]}, "limit": 1, "dry_run": True}).json()

    assert (answer["done"], answer["left"]) == (1, 3)


def test_a_bulk_gives_up_all_that_match(caller: Caller, database: Database) -> None:
    mine, other = start(database, reference="R-1"), start(database)

    answer = caller.post("/processes/abandon", {"where": {"reference": "R-1"}, "reason": "a double"}).json()

    assert (answer["done"], stands(database, mine), stands(database, other)) == (1, "abandoned", "pending")


@pytest.mark.parametrize("body", [{}, {"ids": [1], "where": {}}, {"ids": []}, {"ids": list(range(1, 1002))}], ids=len)
def test_a_bulk_says_either_which_or_what_they_have_in_common(caller: Caller, body: dict[str, Any]) -> None:
    assert caller.post("/processes/restart", body).status_code == 422


def test_nothing_is_left_of_three_steps_that_are_done(caller: Caller, database: Database) -> None:
    process_id = start(database)
    for _ in range(3):
        assert caller.post(f"/processes/{process_id}/skip-step", {"reason": "by hand"}).status_code == 200
    work(database, Three)

    assert stands(database, process_id) == "skipped"
