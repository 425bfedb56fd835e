"""Scripts of other sites: those in the settings may ask the API with a token, and nothing else."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from rig import Three, settings
from web_visitor import WHO, Visitor, as_program

from process_manager.actor import Actor
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.web.office import Office

FRIEND, STRANGER = "https://intranet.office.example", "https://evil.example"
ASKED_BEFORE = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}


@pytest.fixture
def office(database: Database) -> Office:
    """What the API works with, where one other site may ask it."""
    return Office.of(settings(web_origins=FRIEND), database, Registry((Three,)))


def allowed(headers: object) -> list[str]:
    return sorted(name for name in headers if name.startswith("access-control"))  # type: ignore[attr-defined]


def test_a_browser_that_asks_before_is_answered_without_credentials(visitor: Visitor) -> None:
    answer = visitor.ask("OPTIONS", "/api/v1/processes", headers={"Origin": FRIEND, **ASKED_BEFORE})

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == FRIEND
    assert "access-control-allow-credentials" not in answer.headers
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()


def test_a_script_of_that_site_asks_with_a_token_and_may_read_problems_too(
    database: Database, visitor: Visitor, met: list[Actor]
) -> None:
    headers = {"Origin": FRIEND, "Authorization": as_program(database)}

    done = visitor.ask("POST", WHO, headers=headers)
    nobody = visitor.ask("POST", WHO, headers={"Origin": FRIEND})

    assert (done.status_code, nobody.status_code, len(met)) == (200, 401, 1)
    assert [each.headers["access-control-allow-origin"] for each in (done, nobody)] == [FRIEND, FRIEND]
    assert done.headers["vary"] == "Origin"


@pytest.mark.slow
@pytest.mark.parametrize("origin", [STRANGER, "null", "http://intranet.office.example", f"{FRIEND}.evil.example"])
def test_no_other_site_is_told_anything(database: Database, visitor: Visitor, met: list[Actor], origin: str) -> None:
    before = visitor.ask("OPTIONS", WHO, headers={"Origin": origin, **ASKED_BEFORE})
    asked = visitor.ask("GET", WHO, headers={"Origin": origin, "Authorization": as_program(database)})

    assert before.status_code == 400
    assert "access-control-allow-origin" not in before.headers
    assert "access-control-allow-origin" not in asked.headers


def test_pages_are_for_no_other_site(database: Database, visitor: Visitor) -> None:
    visitor.come_in(database)

    answers = [
        visitor.ask(method, "/system", headers={"Origin": FRIEND, **ASKED_BEFORE}) for method in ("GET", "OPTIONS")
    ]

    assert [allowed(each.headers) for each in answers] == [[], []]


def test_by_default_there_is_no_such_site(database: Database) -> None:
    from process_manager.web.app import create_app

    visitor = Visitor(create_app(Office.of(settings(), database, Registry((Three,)))))

    answer = visitor.ask("OPTIONS", "/api/v1/processes", headers={"Origin": FRIEND, **ASKED_BEFORE})

    assert (answer.status_code, allowed(answer.headers)) == (401, [])


@pytest.mark.parametrize(
    "wrong", ["*", "intranet.office.example", "https://a.example/", "https://*.example", "null", "https://A.example"]
)
def test_an_origin_is_written_as_a_browser_sends_it(wrong: str) -> None:
    with pytest.raises(ValueError, match="setting"):
        settings(web_origins=wrong)


@pytest.mark.slow
def test_a_site_that_may_ask_does_not_get_what_a_browser_adds_by_itself(
    ada: Database, app: FastAPI, visitor: Visitor, met: list[Actor]
) -> None:
    from web_visitor import basic

    answer = visitor.ask("POST", WHO, headers={"Origin": FRIEND, "Authorization": basic()})

    assert (answer.status_code, met) == (403, [])
