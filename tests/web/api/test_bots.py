"""J2 and J3: bots, which are processes that a front end starts, and what may be given for them."""

from typing import Any

import pytest
from api_caller import Caller, basic, give_token
from bot_office import BOT, Reader, bot, job
from fastapi import FastAPI
from rig import Three, settings
from web_visitor import add_user

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.governance import passwords
from process_manager.web.app import create_app
from process_manager.web.office import Office

PASSWORD = "a long pass phrase"  # noqa: S105 - of a user that only a test has


@pytest.fixture
def app(database: Database) -> FastAPI:
    return create_app(Office.of(settings(), database, Registry((Reader, Three))))


@pytest.fixture
def caller(app: FastAPI, database: Database) -> Caller:
    """An operator, who may make bots."""
    add_user(database, "ada", Role.OPERATOR, password_hash=passwords.hashed(PASSWORD, of="ada"))
    return Caller(app, basic("ada", PASSWORD))


def told(answer: Any) -> list[tuple[str, str]]:
    assert answer.headers["content-type"].startswith("application/problem+json")
    return [(each["field"], each["problem"]) for each in answer.json()["errors"]]


def test_j2_a_bot_is_made_shown_edited_and_deleted(caller: Caller) -> None:
    made = caller.post("/bots/", BOT)

    assert made.status_code == 201
    assert made.headers["location"] == f"/api/v1/bots/{made.json()['id']}"
    assert {name: made.json()[name] for name in ("id", "name", "script_identifier", "enabled", "created_by")} == {
        "id": "1", "name": "Read the rows", "script_identifier": "reader", "enabled": True, "created_by": "ada",
    }  # fmt: skip
    assert made.json()["parameter_schema"]["year"] == {"type": "integer", "required": True, "label": "Year"}

    edited = caller.client.patch("/api/v1/bots/1", json={"enabled": False}, headers={"If-Match": made.headers["etag"]})
    assert (edited.status_code, edited.json()["enabled"], edited.headers["etag"]) == (200, False, '"2"')
    assert [each["id"] for each in caller.get("/bots").json()["items"]] == ["1"]
    late = caller.client.patch("/api/v1/bots/1", json={"enabled": True}, headers={"If-Match": made.headers["etag"]})
    assert late.status_code == 412

    gone = caller.client.delete("/api/v1/bots/1/")
    assert (gone.status_code, gone.content) == (204, b"")
    assert caller.get("/bots/1").status_code == 404


def test_j2_two_bots_cannot_have_one_name_nor_can_one_be_called_as_another(caller: Caller) -> None:
    bot(caller)
    other = bot(caller, name="Another")

    assert caller.post("/bots", BOT).status_code == 409
    assert caller.client.put(f"/api/v1/bots/{other}", json=BOT).status_code == 409


def test_j2_a_bot_with_jobs_is_not_deleted(caller: Caller) -> None:
    bot_id = bot(caller)
    job(caller, bot_id)

    refused = caller.client.delete(f"/api/v1/bots/{bot_id}")

    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "Bot 'Read the rows' has jobs, and their history stays. Disable it instead: then nobody starts another.",
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"name": ""}, "name", "string too short"),
        ({"name": "n" * 151}, "name", "string too long"),
        ({"script_identifier": "nobody"}, "script_identifier", "No process 'nobody' is known"),
        ({"colour": "red"}, "colour", "extra forbidden"),
        ({"parameter_schema": {"month": {"type": "integer"}}}, "parameter_schema.month", "takes no such parameter"),
        ({"parameter_schema": {"year": {"type": "string"}}}, "parameter_schema.year.type", "takes integer here"),
        ({"parameter_schema": {"year": {"type": "file"}}}, "parameter_schema.year.type", "files nowhere else"),
        ({"parameter_schema": {"year": {"type": "date"}}}, "parameter_schema.year.type", "none of string, integer"),
        ({"parameter_schema": {"year": {}}}, "parameter_schema.year.type", "none of string, integer"),
        ({"parameter_schema": {"year": {"type": "integer", "max": 3}}}, "parameter_schema.year.max", "not known"),
        (
            {"parameter_schema": {"year": {"type": "integer", "options": ["x"]}}},
            "parameter_schema.year.options",
            "each",
        ),
        ({"parameter_schema": {}, "default_parameters": {}}, "parameter_schema.year", "the process needs it"),
        ({"default_parameters": {"year": "2026"}}, "default_parameters.year", "no value of the type integer"),
        ({"default_parameters": {"years": 1}}, "default_parameters.years", "not known"),
    ],
)
def test_j2_j3_what_does_not_fit_is_told_as_400_with_the_path_of_the_field(
    caller: Caller, changes: dict[str, Any], field: str, problem: str
) -> None:
    answer = caller.post("/bots", {**BOT, **changes})

    assert answer.status_code == 400
    assert [each for each in told(answer) if each[0] == field and problem in each[1]], answer.text
    assert caller.get("/bots").json()["items"] == []


def test_j2_who_may_not_make_bots_is_told_who_may(app: FastAPI, database: Database) -> None:
    give_token(database)

    answer = Caller(app).post("/bots", BOT)

    assert answer.status_code == 403
    assert Caller(app).get("/bots").json() == {"items": [], "next_after": None}


def test_who_sees_other_kinds_only_sees_no_bot_of_these(app: FastAPI, database: Database, caller: Caller) -> None:
    bot_id = bot(caller)
    give_token(database, "three:read", "three:start")

    other = Caller(app)

    assert other.get("/bots").json()["items"] == []
    assert other.get(f"/bots/{bot_id}").status_code == 404
    assert other.post("/jobs", {"bot_id": bot_id}).status_code == 404


def test_each_act_on_a_bot_is_on_the_audit_chain(caller: Caller) -> None:
    bot_id = bot(caller)
    caller.client.patch(f"/api/v1/bots/{bot_id}", json={"enabled": False, "reason": "SAP is closed"})
    caller.client.delete(f"/api/v1/bots/{bot_id}")

    acts = caller.get("/audit").json()["items"]

    told = [(each["act"], each["target"], each["reason"]) for each in reversed(acts) if each["act"] != "sign-in"]
    assert told == [
        ("bot-create", "Read the rows", ""),
        ("bot-edit", f"bot {bot_id}", "SAP is closed"),
        ("bot-delete", f"bot {bot_id}", ""),
    ]
