"""What is sent to the API in any form: read as the command line reads it, or refused without a fault of the server."""

from __future__ import annotations

from typing import Any

import pytest
from api_caller import Caller
from fastapi import FastAPI

from process_manager.database import connect
from process_manager.definition.registry import Registry
from process_manager.web.app import create_app
from process_manager.web.office import Office

START = b'{"name": "three", "payload": %s}'


def send(caller: Caller, body: bytes, kind: str = "application/json") -> Any:
    return caller.client.post("/api/v1/processes", content=body, headers={"Content-Type": kind})


def test_a_key_that_is_given_twice_is_refused_by_its_path(caller: Caller) -> None:
    answer = send(caller, START % b'{"to": {"city": "Ribe", "city": "Odense"}}')

    assert (answer.status_code, answer.json()["code"]) == (422, "usage-error")
    assert answer.json()["detail"] == (
        "payload.to.city is given twice, and one of the values would be lost. Keep one of them."
    )
    assert caller.get("/processes/count").json() == {"count": 0}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"null", 422),
        (b"[]", 422),
        (b'"three"', 422),
        (b"\xff\xfe", 400),
        (START % (b"[" * 100_000), 400),
        (START % b'{"n": NaN}', 422),
        (START % b'{"n": 1e999}', 422),
        (START % (b'{"n": %s}' % (b"9" * 5_000)), 400),
        (START % b'{"n": "\\ud800"}', 201),
        (START % (b'{"n": ' * 900 + b"1" + b"}" * 900), 422),
    ],
    ids=lambda each: str(each)[:40],
)
def test_what_can_be_kept_is_kept_and_anything_else_is_refused(caller: Caller, body: bytes, status: int) -> None:
    answer = send(caller, body)

    assert answer.status_code == status
    assert answer.json().get("status", 201) == status
    assert caller.get("/processes").status_code == 200


def test_what_is_not_called_json_is_none(caller: Caller) -> None:
    assert send(caller, b'{"name": "three"}', "text/plain").status_code == 422


def test_more_than_a_million_bytes_are_refused(caller: Caller) -> None:
    answer = send(caller, START % (b'"%s"' % (b"x" * 1_000_000)))

    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


def test_a_database_that_is_away_may_be_asked_again(office: Office) -> None:
    away = connect("postgresql+psycopg://nobody@127.0.0.1:9/nothing?connect_timeout=2")
    app: FastAPI = create_app(Office.of(office.settings, away, Registry(())))

    answer = Caller(app).post("/processes", {"name": "three"})
    away.close()

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["code"] == "database-unreachable"
