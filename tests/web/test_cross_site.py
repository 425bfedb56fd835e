"""What another site makes a browser send, with what lets somebody in."""

from __future__ import annotations

import re

import pytest
from page_routes import of_pages
from web_visitor import FROM_US, WHO, Visitor, as_program, basic

from process_manager.actor import Actor, Role
from process_manager.database import Database

CROSS = [
    {"Origin": "https://evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "null"},
]


@pytest.mark.parametrize("headers", CROSS, ids=str)
def test_no_other_site_uses_the_password_that_a_browser_remembers(
    ada: Database, visitor: Visitor, met: list[Actor], headers: dict[str, str]
) -> None:
    answer = visitor.ask("POST", WHO, headers={"Authorization": basic(), **headers})

    assert (answer.status_code, met) == (403, [])


@pytest.mark.parametrize("headers", [{}, FROM_US, {"Sec-Fetch-Site": "same-origin"}], ids=str)
def test_a_program_with_a_password_may_act_though_it_is_no_browser(
    ada: Database, visitor: Visitor, met: list[Actor], headers: dict[str, str]
) -> None:
    assert visitor.ask("POST", WHO, headers={"Authorization": basic(), **headers}).status_code == 200


@pytest.mark.parametrize("headers", [{}, *CROSS], ids=str)
def test_a_token_needs_no_origin(
    database: Database, visitor: Visitor, met: list[Actor], headers: dict[str, str]
) -> None:
    answer = visitor.ask("POST", WHO, headers={"Authorization": as_program(database), **headers})

    assert answer.status_code == 200


UNSAFE = sorted((method, re.sub(r"{\w+}", "1", path)) for method, path in of_pages() if method != "GET")


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), UNSAFE)
@pytest.mark.parametrize("headers", [*CROSS, {}], ids=str)
def test_no_page_does_what_another_site_makes_a_browser_send(
    database: Database, visitor: Visitor, method: str, path: str, headers: dict[str, str]
) -> None:
    visitor.come_in(database, role=Role.ADMIN)

    assert visitor.ask(method, path, headers=headers).status_code == 403
    assert visitor.ask(method, path, headers=FROM_US).status_code != 403


def test_there_are_pages_that_do_something() -> None:
    assert {("POST", "/sign-in"), ("POST", "/sign-out"), ("POST", "/preferences"), ("POST", "/processes/views")} < set(
        UNSAFE
    )
