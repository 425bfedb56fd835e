"""Signing in and out: who comes in, how long they stay, and what the cookie is worth."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rig import execute
from web_visitor import Visitor, add_user

from process_manager import clock
from process_manager.actor import Role
from process_manager.database import Database
from process_manager.governance import passwords, sign_in_limits, users
from process_manager.store import sessions as stored
from process_manager.web import sessions

GOOD, WRONG = "en hest på marken", "en ko på marken!"


@pytest.fixture(scope="module")
def known() -> str:
    return passwords.hashed(GOOD, of="ada")


@pytest.fixture
def ada(database: Database, known: str) -> Database:
    """A database with a user."""
    add_user(database, "ada", password_hash=known)
    return database


def typed(visitor: Visitor, password: str = GOOD, **more: str) -> int:
    return visitor.post("/sign-in", {"name": "ada", "password": password, **more}).status_code


def is_in(visitor: Visitor) -> bool:
    return visitor.get("/system").status_code == 200


def later(minutes: float) -> None:
    """Let time pass."""
    clock.follow(clock.now() - clock.host() + timedelta(minutes=minutes))


def test_the_right_password_leads_to_the_page_that_was_asked_for(ada: Database, visitor: Visitor) -> None:
    asked = visitor.get("/system?a=1&b=2")
    shown = visitor.get(asked.headers["location"])
    answer = visitor.post("/sign-in", {"name": " Ada ", "password": GOOD, "next": "/system?a=1&b=2"})

    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=/system%3Fa%3D1%26b%3D2")
    assert '<input type="hidden" name="next" value="/system?a=1&amp;b=2">' in shown.text
    assert (answer.status_code, answer.headers["location"]) == (303, "/system?a=1&b=2")
    assert is_in(visitor)


def test_the_cookie_is_for_this_host_alone_and_for_no_script(ada: Database, visitor: Visitor) -> None:
    answer = visitor.post("/sign-in", {"name": "ada", "password": GOOD})

    name, _, said = answer.headers["set-cookie"].partition("=")
    value, *attributes = said.split("; ")
    assert (name, sorted(attributes)) == ("process-manager-session", ["HttpOnly", "Path=/", "SameSite=Lax"])
    assert len(value) == 43
    assert execute(ada, "SELECT hash FROM sessions")[0][0] not in said


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(ada: Database, app: object) -> None:
    visitor = Visitor(app, "https://office.example")  # type: ignore[arg-type]

    answer = visitor.post("/sign-in", {"name": "ada", "password": GOOD})

    name, _, said = answer.headers["set-cookie"].partition("=")
    assert name == "__Host-process-manager-session"
    assert sorted(said.split("; ")[1:]) == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]
    assert is_in(visitor)


def test_a_wrong_password_says_not_which_of_the_two_was_wrong_and_keeps_the_name(
    ada: Database, visitor: Visitor
) -> None:
    wrong = visitor.post("/sign-in", {"name": "ada", "password": WRONG, "next": "/system"})
    nobody = visitor.post("/sign-in", {"name": "bo", "password": WRONG, "next": "/system"})

    assert (wrong.status_code, nobody.status_code) == (422, 422)
    assert 'role="alert"' in wrong.text
    assert 'value="ada"' in wrong.text
    assert WRONG not in wrong.text
    assert without_id(wrong.text).replace('value="ada"', 'value="bo"') == without_id(nobody.text)
    assert not is_in(visitor)


def without_id(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "Error number" not in line)


def test_after_ten_failures_the_right_password_waits_for_fifteen_minutes(ada: Database, visitor: Visitor) -> None:
    for _ in range(10):
        typed(visitor, WRONG)

    assert typed(visitor) == 422
    later(15)
    assert typed(visitor) == 303


def test_after_twenty_failures_from_one_address_nobody_is_asked_from_there_until_the_minute_is_over(
    ada: Database, visitor: Visitor
) -> None:
    failed(ada, "testclient")

    answer = visitor.post("/sign-in", {"name": "ada", "password": GOOD, "next": "/system"})

    assert answer.status_code == 429
    assert 30 < int(answer.headers["retry-after"]) <= 60  # of the minute, what a busy machine has left
    assert "Too many sign-ins have failed." in answer.text
    assert '<input type="hidden" name="next" value="/system">' in answer.text
    assert not is_in(visitor)
    later(1)
    assert typed(visitor) == 303


def failed(database: Database, address: str) -> None:
    """Have twenty sign-ins to as many names fail."""
    now = clock.now()
    for number in range(20):
        database.run(lambda it, name=f"n{number}": sign_in_limits.count(it, name, address, now=now))


@pytest.mark.parametrize(
    "next_", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/\n/evil", "", "/\t/evil"]
)
def test_signing_in_leads_to_no_other_site(ada: Database, visitor: Visitor, next_: str) -> None:
    answer = visitor.post("/sign-in", {"name": "ada", "password": GOOD, "next": next_})

    assert answer.headers["location"] == "/"


def test_signing_in_again_gives_another_cookie_and_ends_the_first(ada: Database, visitor: Visitor) -> None:
    typed(visitor)
    first = visitor.browser.cookies["process-manager-session"]
    typed(visitor)

    assert visitor.browser.cookies["process-manager-session"] != first
    assert len(execute(ada, "SELECT 1 FROM sessions")) == 1


def test_who_asks_for_nothing_for_half_an_hour_is_signed_out(database: Database, visitor: Visitor) -> None:
    visitor.come_in(database)

    later(29)
    assert is_in(visitor)
    later(29)
    assert is_in(visitor)
    later(30)

    answer = visitor.get("/system")
    assert answer.headers["location"] == "/sign-in?next=/system&ended=1"
    assert "You were signed out." in visitor.get(answer.headers["location"]).text


def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(database: Database, visitor: Visitor) -> None:
    visitor.come_in(database)

    later(29)
    assert visitor.get("/system", hx_request="true").status_code == 200
    later(2)
    assert visitor.get("/system", hx_request="true").status_code == 401


def test_everybody_signs_in_again_after_eight_hours(database: Database, visitor: Visitor) -> None:
    visitor.come_in(database)

    for _ in range(19):
        later(25)
        assert is_in(visitor)
    later(5)
    assert not is_in(visitor)


def test_signing_out_ends_the_session_and_takes_the_cookie_away(database: Database, visitor: Visitor) -> None:
    cookie = visitor.come_in(database)

    assert "Sign out?" in visitor.get("/sign-out").text
    assert is_in(visitor)  # asking is not leaving
    answer = visitor.post("/sign-out")

    assert answer.headers["location"] == "/sign-in?out=1"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert execute(database, "SELECT 1 FROM sessions") == []
    visitor.browser.cookies.set("process-manager-session", cookie, domain="127.0.0.1")
    assert not is_in(visitor)


def test_a_user_who_is_disabled_is_out_at_once(database: Database, visitor: Visitor) -> None:
    visitor.come_in(database)

    database.run(lambda connection: users.disable(connection, "ada", now=clock.now()))

    assert not is_in(visitor)


def test_another_password_signs_out_whoever_came_with_the_last(database: Database, visitor: Visitor) -> None:
    visitor.come_in(database)

    later(1)
    database.run(lambda connection: users.set_password(connection, "ada", "another", now=clock.now()))

    assert not is_in(visitor)


def test_another_role_holds_from_the_next_page_on_and_gives_another_cookie(
    database: Database, visitor: Visitor
) -> None:
    before = visitor.come_in(database)

    database.run(lambda connection: users.set_role(connection, "ada", Role.VIEWER, now=clock.now()))
    answer = visitor.get("/system")

    assert answer.status_code == 403
    assert "viewer" in answer.text
    assert visitor.browser.cookies["process-manager-session"] not in ("", before)
    assert visitor.get("/system").status_code == 403
    assert sessions.resume(database, before, now=clock.now()) is None


def test_what_has_ended_is_deleted_when_somebody_signs_in(database: Database, visitor: Visitor) -> None:
    visitor.come_in(database)
    later(31)
    visitor.come_in(database, "bo")

    assert execute(database, "SELECT user_name FROM sessions") == [("bo",)]


def test_when_somebody_was_seen_is_kept_to_the_minute_and_not_at_each_request(database: Database) -> None:
    hashed, now = "0" * 64, clock.now()
    row = {"hash": hashed, "user_name": "ada", "role": "viewer", "created_at": now, "seen_at": now, "expires_at": now}
    database.run(lambda connection: stored.insert(connection, row))

    soon = now + timedelta(seconds=59)
    for moment in (soon, now + timedelta(seconds=61)):
        database.run(
            lambda connection, moment=moment: stored.seen(connection, hashed, now=moment, since=moment - sessions.OFTEN)
        )

    assert execute(
        database, "SELECT count(*) FROM sessions WHERE seen_at > :soon", soon=f"{soon:%Y-%m-%d %H:%M:%S.%f}"
    ) == [(1,)]
