"""What every request passes: its id, the headers of its answer, its size, who asks, and from which site."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from web_visitor import FROM_US, HOME, Visitor

from process_manager import logs
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.web.middleware.security_headers import POLICY

PATHS = ["/", "/sign-in", "/sign-out", "/system", "/nowhere", "/static/style.css", "/api/v1/health/live", "/api/v1/x"]

CROSS_SITE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:8001"},
    {"Origin": "https://127.0.0.1:8000"},
    {"Origin": HOME + ".evil.example"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {},
]


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What was logged, as lines of JSON."""
    caplog.handler.setFormatter(logs.json_lines())
    with caplog.at_level(logging.DEBUG):
        yield caplog


def lines(logged: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [json.loads(line) for line in logged.text.splitlines() if line.startswith("{")]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_tells_the_browser_what_it_may_do(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).headers

    assert headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")


def test_the_policy_allows_nothing_that_stands_in_a_page() -> None:
    assert "unsafe" not in POLICY
    assert "http" not in POLICY


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [("a-1_2.B", True), ("x" * 100, True), ("x" * 101, False), ("a b", False), ("a\tb", False), ("<b>", False)],
)
def test_the_id_that_was_sent_is_kept_where_it_can_be_one(visitor: Visitor, given: str, is_kept: bool) -> None:
    answered = visitor.get("/sign-in", x_request_id=given).headers["x-request-id"]

    assert (answered == given) is is_kept
    assert is_kept or len(answered) == 16


def test_the_id_is_in_the_answer_the_page_and_the_log(
    app: FastAPI, database: Database, visitor: Visitor, logged: pytest.LogCaptureFixture
) -> None:
    break_at(app, ZeroDivisionError("of 4711"))
    visitor.come_in(database)

    answer = visitor.get("/broken", x_request_id="r-17")

    assert answer.headers["x-request-id"] == "r-17"
    assert "Error number r-17" in answer.text
    failed = [each for each in lines(logged) if each["event"] == "request.failed"]
    assert [(each["request_id"], each["level"]) for each in failed] == [("r-17", "error")]
    assert "ZeroDivisionError" in str(failed[0]["exception"])


def break_at(app: FastAPI, error: Exception, path: str = "/broken") -> None:
    def broken() -> None:
        raise error

    app.add_api_route(path, broken)


def test_the_log_tells_of_a_request_by_its_route_and_never_what_was_asked(
    database: Database, visitor: Visitor, logged: pytest.LogCaptureFixture
) -> None:
    visitor.come_in(database)

    visitor.get("/system?cpr=0101901234")
    visitor.post("/preferences", {"theme": "dark"})

    told = [each for each in lines(logged) if each["event"] == "request.answered"]
    assert [(each["route"], each["status"], each["level"]) for each in told] == [
        ("/system", 200, "debug"),
        ("/preferences", 303, "info"),
    ]
    assert "0101901234" not in logged.text


@pytest.mark.parametrize("length", ["1000001", "9" * 30])
def test_what_is_too_large_by_its_own_word_is_refused_unread(visitor: Visitor, length: str) -> None:
    answer = visitor.ask("POST", "/sign-in", headers={**FROM_US, "Content-Length": length}, content=b"")

    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "many", "1e3", "0x10", "²"])
def test_a_length_that_is_no_number_is_refused(app: FastAPI, length: str) -> None:
    visitor = Visitor(app)

    answer = visitor.ask("POST", "/sign-in", headers={**FROM_US, b"Content-Length": length.encode()}, content=b"")

    assert answer.status_code == 400


def test_what_does_not_say_how_long_it_is_is_counted(visitor: Visitor) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(20):
            yield b"x" * 100_000

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = visitor.ask("POST", "/sign-in", headers={**FROM_US, **form}, content=pieces())

    assert answer.status_code == 413


@pytest.mark.parametrize("headers", CROSS_SITE, ids=str)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/preferences"])
def test_no_other_site_makes_a_browser_do_anything(
    database: Database, visitor: Visitor, path: str, headers: dict[str, str]
) -> None:
    visitor.come_in(database)

    answer = visitor.ask("POST", path, headers=headers, data={"theme": "dark"})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert visitor.get("/system").status_code == 200


@pytest.mark.parametrize("headers", [FROM_US, {"Sec-Fetch-Site": "same-origin"}], ids=str)
def test_a_page_of_ours_is_heard(visitor: Visitor, headers: dict[str, str]) -> None:
    answer = visitor.ask("POST", "/preferences", headers=headers, data={"theme": "dark", "back": "/sign-in?x=1"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?x=1")
    assert answer.headers["set-cookie"].startswith("theme=dark; HttpOnly; Max-Age=31536000; Path=/; SameSite=lax")


@pytest.mark.parametrize("path", ["/", "/system", "/nowhere", "/sign-in/x", "/static", "/api/v1/openapi.json"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_nobody_sees_or_does_anything_who_has_not_signed_in(visitor: Visitor, method: str, path: str) -> None:
    answer = visitor.ask(method, path, headers=FROM_US)

    if method == "GET" and not path.startswith("/api/"):
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in")
    else:
        assert answer.status_code == 401


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CASEWORKER])
def test_who_may_not_is_told_by_which_role(database: Database, visitor: Visitor, role: Role) -> None:
    visitor.come_in(database, role=role)

    answer = visitor.get("/system")

    assert answer.status_code == 403
    assert f"Your role, {role}, cannot" in answer.text
    assert 'href="/system"' not in answer.text


@pytest.mark.parametrize("error", [ValueError("SECRET"), KeyError("SECRET")], ids=repr)
def test_what_nobody_foresaw_is_not_told_to_whoever_asked(
    app: FastAPI, database: Database, visitor: Visitor, error: Exception
) -> None:
    visitor.come_in(database)
    break_at(app, error)

    answer = visitor.get("/broken")

    assert answer.status_code == 500
    assert "SECRET" not in answer.text
    assert "Traceback" not in answer.text
