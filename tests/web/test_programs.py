"""Programs: a token, or a name and a password, with each request; nobody else is let in."""

from __future__ import annotations

import threading
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from backends import overheard
from fastapi import FastAPI
from rig import execute
from web_visitor import GOOD, WHO, Visitor, basic

from process_manager import clock
from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.governance import passwords, sign_in_limits, tokens, users
from process_manager.web.password_gate import WAITING, PasswordGate
from process_manager.web.refusals import TooBusy

WRONG = "en ko på marken!"
SCOPES = frozenset({("letter", "read")})


def token(database: Database, *, days: int = 1) -> str:
    secret = tokens.new_secret()
    new = tokens.new_token("payroll", secret, SCOPES, clock.now() + timedelta(days=days))
    database.run(lambda connection: tokens.add(connection, new, by="root", now=clock.now()))
    return secret


def later(**by: float) -> None:
    """Let time pass."""
    clock.follow(clock.now() - clock.host() + timedelta(**by))


def failures(database: Database) -> int:
    return int(execute(database, "SELECT failures FROM users WHERE name = 'ada'")[0][0])


def test_a_token_comes_in_as_its_program(database: Database, visitor: Visitor, met: list[Actor]) -> None:
    answer = visitor.get(WHO, authorization=f"Bearer {token(database)}", x_request_id="r-1")

    assert answer.status_code == 200
    assert met == [
        Actor(
            "payroll",
            way="api",
            address="testclient",
            request_id="r-1",
            role=Role.CASEWORKER,
            kinds=frozenset({"letter"}),
            scopes=SCOPES,
            token=1,
        )
    ]


def test_a_name_and_a_password_come_in_as_their_user(ada: Database, visitor: Visitor, met: list[Actor]) -> None:
    answer = visitor.get(WHO, authorization=basic("Ada"), x_request_id="r-1")

    assert answer.status_code == 200
    kinds = frozenset({"letter"})
    expected = Actor(
        "ada", is_person=True, way="api", address="testclient", request_id="r-1", role=Role.CASEWORKER, kinds=kinds
    )
    assert met == [expected]
    assert execute(ada, "SELECT actor, way, act, result FROM audit") == [("ada", "api", "sign-in", "done")]


REFUSED = {
    "nothing": "",
    "another scheme": "Digest x",
    "no token": "Bearer",
    "an unknown token": "Bearer pm_x",
    "half a word": "Basic",
    "no base64": "Basic $$$",
    "no colon": "Basic YWRh",
    "no UTF-8": f"Basic {b64encode(bytes([255, 58, 255])).decode()}",
    "a wrong password": basic(password=WRONG),
    "an unknown name": basic("bo"),
    "an empty name": basic(""),
}


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_nobody_else_comes_in(ada: Database, visitor: Visitor, met: list[Actor], what: str) -> None:
    answer = visitor.get(WHO, authorization=REFUSED[what])

    assert (answer.status_code, met) == (401, [])
    assert answer.headers["www-authenticate"] == 'Bearer, Basic realm="process-manager", charset="UTF-8"'
    assert answer.headers["content-type"] == "application/problem+json; charset=utf-8"
    told = answer.json()
    assert (told["status"], told["title"]) == (401, "Unauthorized")
    assert told["request_id"] == answer.headers["x-request-id"]
    assert WRONG not in answer.text


def test_a_cookie_of_the_pages_opens_no_api_and_a_token_no_page(
    database: Database, visitor: Visitor, met: list[Actor]
) -> None:
    visitor.come_in(database)
    assert visitor.get(WHO).status_code == 401

    visitor.browser.cookies.clear()
    assert visitor.get("/system", authorization=f"Bearer {token(database)}").status_code == 303
    assert met == []


def test_a_token_that_has_ended_or_was_revoked_comes_in_no_more(
    database: Database, visitor: Visitor, met: list[Actor]
) -> None:
    ended, revoked = token(database), token(database, days=9)
    database.run(lambda connection: tokens.revoke(connection, 2, now=clock.now()))
    later(days=1)

    assert [visitor.get(WHO, authorization=f"Bearer {each}").status_code for each in (ended, revoked)] == [401, 401]


def test_a_password_that_was_right_is_hashed_again_only_after_five_minutes(
    ada: Database, visitor: Visitor, met: list[Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = heard(monkeypatch)

    for minutes in (0, 2, 2):
        later(minutes=minutes)
        assert visitor.get(WHO, authorization=basic()).status_code == 200
    assert len(hashed) == 1
    later(minutes=1)
    assert visitor.get(WHO, authorization=basic()).status_code == 200

    assert len(hashed) == 2


def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names for which a password is hashed from now on, by what it is compared with."""
    found: list[str] = []
    fits = passwords.fits

    def listened(password: str, known: str | None) -> bool:
        found.append("nobody" if known is None else "somebody")
        return fits(password, known)

    monkeypatch.setattr(passwords, "fits", listened)
    return found


def test_a_name_that_is_not_there_costs_the_same_hash(
    ada: Database, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = heard(monkeypatch)

    for name in ("ada", "bo"):
        visitor.get(WHO, authorization=basic(name, WRONG))

    assert hashed == ["somebody", "nobody"]


def change_role(connection: Any) -> None:
    users.set_role(connection, "ada", Role.OPERATOR, now=clock.now())


def change_password(connection: Any) -> None:
    users.set_password(connection, "ada", "another", now=clock.now() + timedelta(seconds=1))


def disable(connection: Any) -> None:
    users.disable(connection, "ada", now=clock.now())


def test_the_role_of_a_remembered_password_is_read_anew(ada: Database, visitor: Visitor, met: list[Actor]) -> None:
    visitor.get(WHO, authorization=basic())
    ada.run(change_role)
    visitor.get(WHO, authorization=basic())

    assert [each.role for each in met] == [Role.CASEWORKER, Role.OPERATOR]


@pytest.mark.parametrize("change", [change_password, disable], ids=lambda change: change.__name__)
def test_a_remembered_password_is_worth_nothing_once_it_or_its_user_changed(
    ada: Database, visitor: Visitor, met: list[Actor], change: Any
) -> None:
    assert visitor.get(WHO, authorization=basic()).status_code == 200

    ada.run(change)

    assert visitor.get(WHO, authorization=basic()).status_code == 401


def test_failures_lock_a_name_here_as_on_the_page(ada: Database, visitor: Visitor, met: list[Actor]) -> None:
    for _ in range(10):
        visitor.get(WHO, authorization=basic(password=WRONG))

    assert failures(ada) == 10
    assert visitor.get(WHO, authorization=basic()).status_code == 401
    assert visitor.post("/sign-in", {"name": "ada", "password": GOOD}).status_code == 422


def test_a_program_whose_address_is_held_is_told_for_how_long_though_one_that_is_remembered_comes_in(
    ada: Database, visitor: Visitor, met: list[Actor]
) -> None:
    visitor.get(WHO, authorization=basic())
    now = clock.now()
    for number in range(20):
        ada.run(lambda it, name=f"n{number}": sign_in_limits.count(it, name, "testclient", now=now))

    held = visitor.get(WHO, authorization=basic("bo", WRONG))

    assert (held.status_code, held.json()["code"]) == (429, "sign-ins-held")
    assert 0 < int(held.headers["retry-after"]) <= 60
    assert visitor.get(WHO, authorization=basic()).status_code == 200


def test_while_one_password_is_checked_another_program_is_told_to_come_again(
    ada: Database, app: FastAPI, visitor: Visitor, met: list[Actor]
) -> None:
    with app.state.gate.turn():
        answer = visitor.get(WHO, authorization=basic())

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert failures(ada) == 0
    assert visitor.get(WHO, authorization=basic()).status_code == 200


def test_people_wait_for_their_turn_but_not_all_at_once() -> None:
    gate = PasswordGate()
    waiting, done = threading.Semaphore(0), []

    def wait() -> None:
        waiting.release()
        with gate.turn(patience=30):
            done.append(1)

    threads = [threading.Thread(target=wait) for _ in range(WAITING)]
    with gate.turn():
        for thread in threads:
            thread.start()
            waiting.acquire(timeout=30)
        refuse_one_more(gate)
    for thread in threads:
        thread.join(30)

    assert len(done) == WAITING


def refuse_one_more(gate: PasswordGate) -> None:
    """As soon as all places are taken, and not before, nobody else may wait."""
    for _ in range(10_000):
        try:
            with gate.turn(patience=0.001):
                raise AssertionError("somebody else has the turn")
        except TooBusy:
            if not gate._places.acquire(blocking=False):
                return
            gate._places.release()
    raise AssertionError("there was always room to wait")


def test_a_token_costs_one_statement(database: Database, visitor: Visitor, met: list[Actor]) -> None:
    secret = token(database)
    visitor.get(WHO, authorization=f"Bearer {secret}")

    with overheard(database) as said:
        visitor.get(WHO, authorization=f"Bearer {secret}")

    assert [each.split()[0] for each in said if not each.startswith(("BEGIN", "ROLLBACK"))] == ["SELECT"]
