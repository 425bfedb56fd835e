"""The pages of users and tokens, and of one's own account."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from invoice_pages import text
from rig import execute
from web_visitor import GOOD, WHO, Visitor, add_user

from process_manager import clock
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.governance import Policies, tokens, users
from process_manager.store import users as stored
from process_manager.web import cookies, sessions
from process_manager.web.app import create_app
from process_manager.web.office import Office


@pytest.fixture
def admin(database: Database, visitor: Visitor) -> Visitor:
    """Root, an admin."""
    visitor.come_in(database, "root", Role.ADMIN)
    return visitor


def secret(answer: Any) -> str:
    found = re.search(r'role="status">.*?<code>(.*?)</code>', answer.text, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def chained(database: Database) -> list[tuple[str, str, str, str]]:
    return [tuple(row) for row in execute(database, "SELECT act, target, reason, result FROM audit ORDER BY number")]  # type: ignore[misc]


def user(database: Database, name: str) -> users.User:
    with database.read() as connection:
        return users.get(connection, name, now=clock.now())


def test_a_user_is_added_with_a_password_that_is_shown_once(admin: Visitor, app: FastAPI, database: Database) -> None:
    answer = admin.post("/users", {"name": "Ada", "role": "caseworker", "kind": ["letter"], "reason": "new colleague"})

    assert answer.status_code == 200
    given = secret(answer)
    assert re.fullmatch("([a-z2-9]{5}-){3}[a-z2-9]{5}", given)
    assert given not in admin.get("/users").text
    added = user(database, "ada")
    assert (added.role, added.kinds, added.created_by) == (Role.CASEWORKER, {"letter"}, "root")
    assert chained(database) == [("user-add", "ada", "new colleague", "done")]
    assert Visitor(app).post("/sign-in", {"name": "ada", "password": given}).status_code == 303


def test_role_kinds_and_whether_they_may_sign_in_are_changed_on_their_page(admin: Visitor, database: Database) -> None:
    add_user(database, "ada", Role.VIEWER)

    for way, form in {
        "role": {"role": "operator"},
        "kinds": {"kind": ["three", "letter"]},
        "groups": {"groups": " economy, chiefs,"},
        "disable": {"reason": "has left"},
    }.items():
        answer = admin.post(f"/users/ada/{way}", form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/users/ada?done={way}")

    found = user(database, "ada")
    assert found.groups == {"economy", "chiefs"}
    assert "Groups chiefs, economy" in text(admin.get("/users/ada"))
    assert (found.role, found.kinds, found.disabled_at is None) == (Role.OPERATOR, {"three", "letter"}, False)
    said = text(admin.get("/users/ada?done=disable"))
    assert "ada may sign in no more. Role: operator. Sees letter, three." in said
    assert "They may sign in no more, and are signed out." in said
    assert [each[0] for each in chained(database)] == ["user-role", "user-kinds", "user-groups", "user-disable"]


def test_one_who_is_locked_is_unlocked(admin: Visitor, database: Database) -> None:
    add_user(database, "ada")
    now = clock.now()
    for _failure in range(users.FAILURES):
        database.run(
            lambda connection: stored.count_failure(
                connection, "ada", now=now, since=now - users.STRETCH, most=users.FAILURES
            )
        )
    assert "One is locked after too many failures." in text(admin.get("/users"))
    assert "ada is locked until" in text(admin.get("/users/ada"))

    admin.post("/users/ada/enable")

    assert user(database, "ada").locked_until is None


def test_a_new_password_is_shown_once_and_signs_them_out(admin: Visitor, app: FastAPI, database: Database) -> None:
    theirs = Visitor(app)
    theirs.come_in(database, "ada")

    given = secret(admin.post("/users/ada/password"))

    assert theirs.get("/account").status_code == 303
    assert theirs.post("/sign-in", {"name": "ada", "password": given}).status_code == 303


def test_a_user_is_signed_out_wherever_they_are(admin: Visitor, app: FastAPI, database: Database) -> None:
    theirs = Visitor(app)
    theirs.come_in(database, "ada")
    assert admin.get("/users/ada").text.count('<th scope="row">') == 1

    admin.post("/users/ada/sign-out", {"reason": "lost telephone"})

    assert theirs.get("/account").status_code == 303
    assert "They are signed in nowhere." in text(admin.get("/users/ada"))
    assert chained(database) == [("user-sign-out", "ada", "lost telephone", "done")]


def test_a_token_is_made_shown_once_and_revoked(
    admin: Visitor, app: FastAPI, database: Database, met: list[Actor]
) -> None:
    form = {"name": "payroll", "scope": ["three:start", "three:read"], "days": "30"}

    given = secret(admin.post("/tokens", form))

    program = Visitor(app)
    assert program.get(WHO, authorization=f"Bearer {given}").status_code == 200
    assert met[0].scopes == {("three", "start"), ("three", "read")}
    page = admin.get("/users")
    assert "payroll 1 · root three: start, read" in text(page)
    assert given not in page.text
    assert admin.post("/tokens/1/revoke").headers["location"] == "/users?revoked=1"
    assert program.get(WHO, authorization=f"Bearer {given}").status_code == 401
    assert "1 token has ended or was revoked" in text(admin.get("/users"))


def test_what_does_not_fit_is_refused_and_changes_nothing(admin: Visitor, database: Database) -> None:
    add_user(database, "ada")
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("/users", {"name": "", "role": "viewer", "everything": "1"}),
        ("/users", {"name": "bo", "role": "king", "everything": "1"}),
        ("/users", {"name": "bo", "role": "viewer"}),
        ("/users", {"name": "ada", "role": "viewer", "everything": "1"}),
        ("/users/ada/role", {"role": "king"}),
        ("/users/ada/kinds", {}),
        ("/tokens", {"name": "payroll"}),
        ("/tokens", {"name": "payroll", "scope": ["three:everything"]}),
        ("/tokens", {"name": "payroll", "scope": ["three:read"], "days": "100000"}),
    ]

    assert [admin.post(path, form).status_code for path, form in wrong] == [422] * len(wrong)
    assert admin.post("/users/nobody/enable").status_code == 404
    assert admin.post("/users/ada/crown").status_code == 404
    with database.read() as connection:
        assert [each.name for each in users.listed(connection, now=clock.now())] == ["ada", "root"]
        assert tokens.listed(connection) == []


def test_an_office_that_wants_reasons_is_asked_for_them(office: Office, database: Database) -> None:
    strict = Visitor(create_app(replace(office, policies=Policies.parse("user-role"))))
    strict.come_in(database, "root", Role.ADMIN)
    add_user(database, "ada", Role.VIEWER)

    assert 'id="role-reason" name="reason" required' in strict.get("/users/ada").text
    assert 'id="password-reason" name="reason">' in strict.get("/users/ada").text
    assert strict.post("/users/ada/role", {"role": "operator"}).status_code == 422
    assert strict.post("/users/ada/role", {"role": "operator", "reason": "promoted"}).status_code == 303


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
def test_only_an_admin_sees_users_or_changes_them(database: Database, visitor: Visitor, role: Role) -> None:
    visitor.come_in(database, role=role)
    add_user(database, "bo")

    assert [visitor.get(path).status_code for path in ("/users", "/users/bo")] == [403, 403]
    for path in ("/users", "/users/bo/role", "/users/bo/password", "/tokens", "/tokens/1/revoke"):
        form = {"name": "x", "role": "admin", "everything": "1", "scope": ["*:read"]}
        assert visitor.post(path, form).status_code == 403, path
    assert user(database, "bo").role is Role.OPERATOR


# --- one's own --------------------------------------------------------------------------------------------------------


def test_everybody_changes_their_own_password_and_stays_signed_in_here_alone(
    ada: Database, app: FastAPI, known: str
) -> None:
    here, there = Visitor(app), Visitor(app)
    cookies_ = [come_in_again(ada, each) for each in (here, there)]

    answer = here.post("/account/password", {"old": GOOD, "new": "fire små blå heste", "again": "fire små blå heste"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/account?changed=1")
    assert answer.cookies[cookies.SESSION] not in cookies_
    assert "Your password is changed" in text(here.get("/account?changed=1"))
    assert there.get("/account").status_code == 303
    assert Visitor(app).post("/sign-in", {"name": "ada", "password": "fire små blå heste"}).status_code == 303
    assert chained(ada)[0] == ("own-password", "ada", "", "done")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"old": "en ko på marken", "new": "fire små blå heste"}, "This is not the password that you have."),
        ({"old": GOOD, "new": "kort"}, "The password has not 12 to 1,000 characters."),
        ({"old": GOOD, "new": "fire små blå heste", "again": "en anden"}, "The two new passwords are not the same."),
    ],
)
def test_a_password_that_will_not_do_is_told_and_changes_nothing(
    ada: Database, visitor: Visitor, known: str, form: dict[str, str], said: str
) -> None:
    come_in_again(ada, visitor)

    answer = visitor.post("/account/password", {"again": form["new"], **form})

    assert answer.status_code == 422
    assert said in text(answer)
    assert execute(ada, "SELECT password_hash FROM users") == [(known,)]


def test_guessing_ones_own_password_locks_the_name_as_at_the_door(ada: Database, visitor: Visitor) -> None:
    come_in_again(ada, visitor)
    for _guess in range(users.FAILURES):
        visitor.post("/account/password", {"old": "en ko på marken", "new": GOOD * 2, "again": GOOD * 2})

    assert user(ada, "ada").locked_until is not None
    assert visitor.post("/account/password", {"old": GOOD, "new": GOOD * 2, "again": GOOD * 2}).status_code == 422


def test_everybody_sees_where_they_are_signed_in_and_signs_out_everywhere(ada: Database, app: FastAPI) -> None:
    here, there = Visitor(app), Visitor(app)
    for each in (here, there):
        come_in_again(ada, each)
    said = text(here.get("/account"))
    assert "You are ada. Role: caseworker. You see letter." in said
    assert here.get("/account").text.count('<span class="faint">here</span>') == 1

    answer = here.post("/account/sign-out")

    assert answer.headers["location"] == "/sign-in?out=1"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert [each.get("/account").status_code for each in (here, there)] == [303, 303]
    assert chained(ada) == [("own-sign-out", "ada", "", "done")]


def test_a_new_role_gives_the_browser_another_cookie_with_the_next_page(ada: Database, visitor: Visitor) -> None:
    before = come_in_again(ada, visitor)
    ada.run(lambda connection: users.set_role(connection, "ada", Role.OPERATOR, now=clock.now()))

    answer = visitor.get("/account")

    assert "Role: operator." in text(answer)
    assert answer.cookies[cookies.SESSION] != before
    with_old = Visitor(visitor.browser.app)  # type: ignore[arg-type]
    with_old.browser.cookies.set(cookies.SESSION, before, domain="127.0.0.1")
    assert with_old.get("/account").status_code == 303


def come_in_again(database: Database, visitor: Visitor) -> str:
    """Sign ada in, who is there already."""
    ada = Actor("ada", is_person=True, way="page", role=Role.CASEWORKER)
    cookie = sessions.create(database, ada, before=None, now=clock.now())
    visitor.browser.cookies.set(cookies.SESSION, cookie, domain="127.0.0.1")
    return cookie
