"""Batches through the API: tried first, started, followed, stopped."""

from __future__ import annotations

from typing import Any

import pytest
from api_caller import Caller, give_token
from fastapi import FastAPI
from rig import Three, execute, odd, start, work

from process_manager import Retry
from process_manager.database import Database
from process_manager.governance import Policies
from process_manager.governance.batch_runner import BatchRunner
from process_manager.lifecycle.retry import every
from process_manager.web.office import Office


@pytest.fixture
def failed(database: Database) -> list[int]:
    """Three processes that have failed for one cause."""
    process = odd(lambda _run: Retry("the printer is on fire"), retry=every(seconds=1, attempts=1))
    ids = [start(database, process) for _ in range(3)]
    work(database, process)
    return ids


def turn(office: Office) -> None:
    """Do one wave, as a web server does beside its pages."""
    server = BatchRunner(office.database, office.registry, Policies(), "web-1")
    for each in server.take():
        server.turn(each)
        server.let_go(each)


def test_a_cause_is_restarted_one_first_and_stopped(
    caller: Caller, office: Office, failed: list[int], database: Database
) -> None:
    (cause,) = caller.get("/causes", name="odd").json()["items"]
    assert (cause["number"], cause["said"], cause["step"]) == (3, "the printer is on fire", "do")
    wanted: dict[str, Any] = {"act": "restart", "where": {"cause": cause["keys"]}, "reason": "it is out"}

    tried = caller.post("/batches", {**wanted, "one_first": True, "dry_run": True})
    assert (tried.status_code, tried.json()["total"]) == (200, 3)
    assert tried.json()["tried"] == [{"id": each, "problem": ""} for each in failed]
    assert execute(database, "SELECT * FROM batches") == []

    made = caller.post("/batches", {**wanted, "one_first": True})
    assert (made.status_code, made.json()) == (201, {"id": 1, "total": 3, "tried": [], "is_dry_run": False})
    assert made.headers["location"] == "/api/v1/batches/1"
    turn(office)
    found = caller.get("/batches/1").json()
    assert (found["state"], found["done"], found["left"], found["by"]) == ("waits", 1, 2, "payroll")
    items = caller.get("/batches/1/items", limit=2).json()
    assert [(each["process_id"], each["result"], each["status"]) for each in items["items"]] == [
        (failed[0], "done", "pending"), (failed[1], None, "failed")
    ]  # fmt: skip
    rest = caller.get("/batches/1/items", after=items["next_after"]).json()
    assert ([each["number"] for each in rest["items"]], rest["next_after"]) == ([3], None)

    stopped = caller.post("/batches/1/stop")
    assert (stopped.status_code, stopped.json()["state"], stopped.json()["ending"]) == (200, "stopped", "asked")
    assert caller.post("/batches/1/stop").status_code == 409
    assert [each["id"] for each in caller.get("/batches").json()["items"]] == [1]


def test_ids_are_taken_too_and_what_makes_no_sense_is_refused(caller: Caller, failed: list[int]) -> None:
    made = caller.post("/batches", {"act": "abandon", "ids": [*failed, failed[0]], "reason": "paid by hand"})
    assert (made.status_code, made.json()["total"]) == (201, 3)

    for body in (
        {"act": "restart", "reason": "x"},
        {"act": "restart", "reason": " ", "ids": failed},
        {"act": "explode", "reason": "x", "ids": failed},
        {"act": "abandon", "reason": "x", "ids": failed, "one_first": True},
        {"act": "restart", "reason": "x", "where": {"name": "nothing"}},
    ):
        assert caller.post("/batches", body).status_code == 422, body
    assert caller.get("/batches/99").status_code == 404
    assert caller.get("/batches/99/items").status_code == 404


def test_a_program_does_and_sees_what_its_scopes_say(app: FastAPI, database: Database, failed: list[int]) -> None:
    fine = start(database, Three)
    for name in ("odd", "three"):
        give_token(database, f"{name}:read,act", secret=f"pm_{name}", name=name)
    odd_one, three = (Caller(app, f"Bearer pm_{name}") for name in ("odd", "three"))

    assert odd_one.post("/batches", {"act": "abandon", "ids": [fine], "reason": "x"}).status_code == 422  # none for it
    assert odd_one.post("/batches", {"act": "restart", "ids": failed, "reason": "x"}).status_code == 201
    assert odd_one.get("/batches/1").json()["name"] == "odd"
    assert three.get("/batches/1").status_code == 404
    assert three.post("/batches/1/stop").status_code == 404
