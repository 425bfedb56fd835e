"""Requests as nobody should send them, and addresses where there is nothing: an answer for each, and no secret."""

from __future__ import annotations

from typing import Annotated

import pytest
from fastapi import Body, FastAPI
from pydantic import BaseModel
from web_visitor import Visitor, as_program

from process_manager.actor import Role
from process_manager.database import Database

BAD_HOSTS = ["[::1", "evil.example/api/", "a b", "x" * 5000, "office:99999999", "evil.example@office", ""]


class Order(BaseModel):
    """What is sent."""

    cpr: int
    lines: list[int]


@pytest.fixture
def orders(app: FastAPI) -> None:
    """An address that takes orders, whose field and path tell nobody a value."""

    def take(order: Annotated[Order, Body()]) -> None: ...

    app.add_api_route("/api/v1/orders", take, methods=["POST"])


def test_what_does_not_fit_is_named_by_its_path_and_not_repeated(
    database: Database, visitor: Visitor, orders: None
) -> None:
    who = {"Authorization": as_program(database)}

    answer = visitor.ask("POST", "/api/v1/orders", headers=who, json={"cpr": "010190-1234", "lines": [1, "two"]})

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json; charset=utf-8")
    told = answer.json()
    assert told["errors"] == [
        {"in": "body", "field": "cpr", "problem": "int parsing"},
        {"in": "body", "field": "lines.1", "problem": "int parsing"},
    ]
    assert told["request_id"] == answer.headers["x-request-id"]
    assert "1234" not in answer.text
    assert "two" not in answer.text


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b"", b'{"cpr": 1e999}'])
def test_what_is_no_json_is_no_fault_of_ours(database: Database, visitor: Visitor, orders: None, body: bytes) -> None:
    who = {"Authorization": as_program(database), "Content-Type": "application/json"}

    answer = visitor.ask("POST", "/api/v1/orders", headers=who, content=body)

    assert answer.status_code in (400, 422)
    assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/v1/nowhere", 404), ("DELETE", "/api/v1/health/ready", 405), ("GET", "/api/", 404)],
)
def test_where_there_is_nothing_a_program_is_told_so(
    database: Database, visitor: Visitor, method: str, path: str, status: int
) -> None:
    answer = visitor.ask(method, path, headers={"Authorization": as_program(database)})

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json; charset=utf-8"


def test_where_there_is_nothing_a_person_gets_a_page_with_the_way_on(database: Database, visitor: Visitor) -> None:
    visitor.come_in(database, role=Role.OPERATOR)

    nowhere, no_method = visitor.get("/nowhere"), visitor.ask("GET", "/preferences")

    assert (nowhere.status_code, no_method.status_code) == (404, 405)
    assert "There is no such page." in nowhere.text
    assert 'href="/system"' in nowhere.text


@pytest.mark.parametrize(
    "path", ["/processes/{}", "/processes/{}/history", "/processes/{}/log?after=0-0", "/jobs/{}/lines"]
)
def test_an_id_that_no_database_can_hold_is_no_fault_of_ours(database: Database, visitor: Visitor, path: str) -> None:
    visitor.come_in(database, role=Role.OPERATOR)

    assert visitor.get(path.format(2**63)).status_code == 422


@pytest.mark.parametrize(
    "path", ["/processes/{}/restart", "/processes/{}/reveal", "/jobs/{}/cancel", "/tokens/{}/revoke"]
)
def test_nothing_is_done_to_such_an_id(database: Database, visitor: Visitor, path: str) -> None:
    visitor.come_in(database, role=Role.ADMIN)

    assert visitor.post(path.format(2**63), {"reason": "SAP is open again"}).status_code == 422
    chosen = {"act": "restart", "id": str(2**63), "reason": "SAP is open again"}
    assert visitor.post("/processes/many", chosen).status_code == 422


@pytest.mark.parametrize("host", BAD_HOSTS, ids=lambda host: host[:20])
@pytest.mark.parametrize("path", ["/system", "/sign-in", "/nowhere", "/api/v1/health/ready"])
def test_a_host_that_is_none_changes_nothing(database: Database, visitor: Visitor, path: str, host: str) -> None:
    plain = visitor.get(path)

    answer = visitor.ask("GET", path, headers={"Host": host})

    assert answer.status_code == plain.status_code
    assert answer.headers.get("location") == plain.headers.get("location")


def test_a_token_opens_no_page_whatever_the_host_says(database: Database, visitor: Visitor) -> None:
    headers = {"Host": "office/api/", "Authorization": as_program(database, ("*", "read"))}

    assert visitor.ask("GET", "/system", headers=headers).status_code == 303


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/system/", "/system"),
        ("/system/?a=1", "/system?a=1"),
        ("/nowhere/", "/nowhere"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/%5Cevil.example"),
        ("/%0d%0aSet-Cookie:%20a=b/", "/%0D%0ASet-Cookie%3A%20a%3Db"),
    ],
)
def test_a_slash_too_many_leads_to_a_page_of_ours_whatever_host_was_named(
    database: Database, visitor: Visitor, path: str, leads_to: str
) -> None:
    visitor.come_in(database)

    answer = visitor.ask("GET", f"http://127.0.0.1:8000{path}", headers={"X-Forwarded-Host": "evil.example"})

    assert (answer.status_code, answer.headers["location"]) == (303, leads_to)
    assert "a" not in answer.cookies
