"""Schedules by the HTTP API: made, listed with their next slots, run, paused and removed."""

from __future__ import annotations

from typing import Any

import pytest
from api_caller import Caller, basic, give_token
from fastapi import FastAPI
from web_visitor import add_user

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.governance import passwords

PASSWORD = "a long pass phrase"  # noqa: S105 - of a user that only a test has
NEW = {"name": "nightly", "process": "three", "cron": "30 2 * * *", "zone": "Europe/Copenhagen", "overlap": "skip"}

pytestmark = pytest.mark.slow  # a password is hashed


@pytest.fixture
def operator(app: FastAPI, database: Database) -> Caller:
    add_user(database, "ada", Role.OPERATOR, password_hash=passwords.hashed(PASSWORD, of="ada"))
    return Caller(app, basic("ada", PASSWORD))


def told(answer: Any) -> list[tuple[str, str]]:
    return [(each["field"], each["problem"]) for each in answer.json()["errors"]]


def test_a_schedule_is_made_shown_run_paused_and_removed(operator: Caller) -> None:
    made = operator.post("/schedules", NEW)

    assert (made.status_code, made.headers["location"]) == (201, "/api/v1/schedules/nightly")
    assert (made.json()["standing"], made.json()["created_by"]) == ("waiting", "ada")
    assert operator.post("/schedules", NEW).status_code == 409
    assert [each["name"] for each in operator.get("/schedules").json()["items"]] == ["nightly"]
    slots = operator.get("/schedules/nightly/next").json()["items"]
    assert len(slots) == 10
    assert all(each["local"][11:16] in ("02:30", "03:00") for each in slots)

    runs = [operator.post("/schedules/nightly/run", {}, **{"Idempotency-Key": "7"}) for _ in range(2)]
    assert [each.json() for each in runs] == [{"name": "nightly", "process_id": "1"}] * 2
    assert operator.post("/schedules/nightly/run", {}).status_code == 409  # the first is still open

    paused = operator.post("/schedules/nightly/pause", {"reason": "the bank is closed"}).json()
    assert (paused["standing"], paused["paused_by"], paused["paused_reason"]) == ("paused", "ada", "the bank is closed")
    assert operator.post("/schedules/nightly/resume", {}).json()["standing"] == "waiting"
    assert operator.client.delete("/api/v1/schedules/nightly").status_code == 204
    assert operator.get("/schedules/nightly").status_code == 404


def test_what_does_not_fit_is_told_with_its_place(operator: Caller) -> None:
    bad = operator.post("/schedules", {**NEW, "cron": "0 6 * * mon-fry"})
    nowhere = operator.post("/schedules", {**NEW, "zone": "Europe/Nowhere"})
    both = operator.post("/schedules", {**NEW, "at": ["2026-12-01T08:00"]})
    over = operator.post("/schedules", {**NEW, "cron": None, "at": ["2020-12-01T08:00"]})

    assert bad.status_code == 422
    ((field, problem),) = told(bad)
    assert (field, "field 5, the day-of-week: 'mon-fry'" in problem) == ("cron", True)
    assert [told(each)[0][0] for each in (nowhere, both, over)] == ["zone", "cron", "at"]
    assert operator.post("/schedules", {**NEW, "process": "nobody"}).status_code == 404


def test_no_token_acts_on_schedules(app: FastAPI, database: Database) -> None:
    give_token(database)
    caller = Caller(app)

    assert caller.post("/schedules", NEW).status_code == 403
    assert caller.get("/schedules").json() == {"items": []}
