"""Signing in: who comes in, what is counted, and how guessing ends."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from backends import overheard
from rig import NOON, execute

from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.governance import passwords, users
from process_manager.governance.sign_in import SignIn, sign_in
from process_manager.governance.users import NewUser

pytestmark = pytest.mark.every_database

GOOD, WRONG = "en hest på marken", "en ko på marken!"


@pytest.fixture(scope="module")
def known() -> str:
    return passwords.hashed(GOOD, of="ada")


@pytest.fixture
def ada(database: Database, known: str) -> Database:
    """A database with a user."""
    new = NewUser("ada", Role.CASEWORKER, None, known)
    database.run(lambda connection: users.add(connection, new, by="root", now=NOON))
    return database


def ascii_of(name: str) -> str:
    return ascii(name[:10])


def came(database: Database, password: str = GOOD, now: datetime = NOON, name: str = "ada") -> bool:
    return sign_in(database, SignIn(name, password), now=now) is not None


def fail(database: Database, times: int, now: datetime = NOON) -> None:
    for _ in range(times):
        assert not came(database, WRONG, now)


def chained(database: Database) -> list[tuple[Any, ...]]:
    """What the audit chain tells of sign-ins."""
    return execute(database, "SELECT actor, act, result, message FROM audit ORDER BY number")


def failures(database: Database) -> int:
    return int(execute(database, "SELECT failures FROM users")[0][0])


def test_the_right_password_comes_in_is_dated_and_on_the_chain(ada: Database) -> None:
    found = sign_in(ada, SignIn("Ada", GOOD, "10.0.0.7", "r1"), now=NOON)

    assert found == Actor("ada", is_person=True, way="page", address="10.0.0.7", request_id="r1", role=Role.CASEWORKER)
    with ada.read() as connection:
        assert users.get(connection, "ada", now=NOON).signed_in_at == NOON
    assert chained(ada) == [("ada", "sign-in", "done", "")]
    assert execute(ada, "SELECT way, address, request_id, role FROM audit") == [
        ("page", "10.0.0.7", "r1", "caseworker")
    ]


def test_a_wrong_password_comes_nowhere_and_is_counted_until_one_is_right(ada: Database) -> None:
    fail(ada, 2)
    assert failures(ada) == 2
    assert chained(ada) == []

    assert came(ada)

    assert failures(ada) == 0


def test_a_name_that_is_not_there_is_answered_by_the_same_statements_and_nothing_is_written(ada: Database) -> None:
    with overheard(ada) as said:
        came(ada, WRONG)
    with overheard(ada) as said_of_nobody:
        assert not came(ada, WRONG, name="nobody")

    assert said_of_nobody == said[: len(said_of_nobody)]
    assert [text for text in said_of_nobody if text.startswith("UPDATE users")] != []
    assert execute(ada, "SELECT name, failures FROM users") == [("ada", 1)]


def test_a_disabled_user_does_not_come_in(ada: Database) -> None:
    ada.run(lambda connection: users.disable(connection, "ada", now=NOON))

    assert not came(ada)


@pytest.mark.sqlite_only
def test_ten_failures_lock_the_name_until_their_fifteen_minutes_are_over(ada: Database) -> None:
    fail(ada, 9)
    assert chained(ada) == []
    fail(ada, 1)

    why = "10 sign-ins in a row failed: the name is locked until 2026-11-23 12:15:00 UTC"
    assert chained(ada) == [("ada", "sign-in", "refused", why)]
    assert not came(ada)
    assert not came(ada, now=NOON + timedelta(minutes=14, seconds=59))
    fail(ada, 3)
    assert (failures(ada), len(chained(ada))) == (10, 1)  # nothing more is counted, and it is told once
    assert came(ada, now=NOON + timedelta(minutes=15))


@pytest.mark.sqlite_only
def test_nine_failures_and_one_after_the_fifteen_minutes_lock_nothing(ada: Database) -> None:
    fail(ada, 9)

    fail(ada, 1, NOON + timedelta(minutes=15))

    assert (failures(ada), chained(ada)) == (1, [])
    assert came(ada)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("how", ["enable", "password"])
def test_an_admin_lets_a_locked_user_in_again(ada: Database, known: str, how: str) -> None:
    fail(ada, 10)

    if how == "enable":
        ada.run(lambda connection: users.enable(connection, "ada", now=NOON))
    else:
        ada.run(lambda connection: users.set_password(connection, "ada", known, now=NOON))

    assert came(ada)


@pytest.mark.parametrize("name", ["", "a\x00da", "\ud800", "x" * 100_000, "ada'--", "%"], ids=ascii_of)
def test_what_can_be_no_name_comes_nowhere_and_breaks_nothing(ada: Database, name: str) -> None:
    assert not came(ada, name=name)
    assert not came(ada, "\ud800\x00")
    assert failures(ada) == 1


@pytest.mark.sqlite_only
def test_nothing_that_is_shown_of_a_sign_in_has_the_password() -> None:
    assert GOOD not in repr(SignIn("ada", GOOD))


@pytest.mark.sqlite_only
def test_a_password_that_is_changed_while_it_is_tried_comes_in_no_more(
    ada: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed = passwords.renewed

    def changed(password: str, seen: str) -> str:
        ada.run(lambda connection: users.set_password(connection, "ada", "another", now=NOON))
        return renewed(password, seen)

    monkeypatch.setattr(passwords, "renewed", changed)

    assert not came(ada)


@pytest.mark.sqlite_only
def test_of_many_guesses_at_once_the_right_one_comes_in_no_more_once_ten_have_failed(
    ada: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed = passwords.renewed

    def late(password: str, seen: str) -> str:
        fail(ada, 10)
        return renewed(password, seen)

    monkeypatch.setattr(passwords, "renewed", late)

    assert not came(ada)
    assert failures(ada) == 10


@pytest.mark.sqlite_only
def test_a_hash_of_weaker_parameters_is_replaced_when_its_user_signs_in(ada: Database) -> None:
    argon2 = pytest.importorskip("argon2")
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(GOOD)
    ada.run(lambda connection: users.set_password(connection, "ada", weak, now=NOON))

    assert came(ada)

    ((kept,),) = execute(ada, "SELECT password_hash FROM users")
    assert kept != weak
    assert came(ada)


def test_failures_at_once_are_all_counted(ada: Database) -> None:
    threads = [threading.Thread(target=came, args=(ada, WRONG)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures(ada) == 4
