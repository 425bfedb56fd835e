"""The people who may sign in: added, changed, disabled, and never deleted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from rig import NOON, execute

from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.errors import IllegalValue, NotFound, UsageError
from process_manager.governance import Policies, acting, users
from process_manager.governance.user_actions import SetKinds
from process_manager.governance.users import NewUser, User

pytestmark = pytest.mark.every_database

LATER = NOON + timedelta(hours=1)
ADA = NewUser("ada", Role.CASEWORKER, frozenset({"letter", "bill"}), "the hash")


def add(database: Database, new: NewUser = ADA) -> User:
    return database.run(lambda connection: users.add(connection, new, by="root@host", now=NOON))


def change(database: Database, verb: Callable[..., User], *values: Any, name: str = "ada") -> User:
    return database.run(lambda connection: verb(connection, name, *values, now=LATER))


def stored(database: Database, name: str = "ada") -> User:
    with database.read() as connection:
        return users.get(connection, name, now=LATER)


def test_a_user_is_kept_as_it_was_added(database: Database) -> None:
    assert (
        add(database)
        == stored(database)
        == User(
            name="ada",
            role=Role.CASEWORKER,
            kinds=frozenset({"letter", "bill"}),
            signed_in_at=None,
            password_changed_at=NOON,
            locked_until=None,
            created_at=NOON,
            created_by="root@host",
            disabled_at=None,
        )
    )


def test_a_user_who_is_there_is_not_added_again_and_stays(database: Database) -> None:
    add(database)

    with pytest.raises(UsageError, match="There is a user 'ada' already"):
        add(database, NewUser("ada", Role.ADMIN, None, "another"))

    assert stored(database).role is Role.CASEWORKER


def test_users_are_listed_by_name_without_a_hash(database: Database) -> None:
    for name in ("ole", "ada", "åse"):
        add(database, NewUser(name, Role.VIEWER, None, "the hash"))

    with database.read() as connection:
        found = users.listed(connection, now=NOON)

    assert sorted(each.name for each in found) == ["ada", "ole", "åse"]
    assert "the hash" not in repr(found)


def test_a_disabled_user_is_told_since_when_and_enabled_again(database: Database) -> None:
    add(database)

    assert change(database, users.disable).disabled_at == LATER
    assert database.run(lambda it: users.disable(it, "ada", now=NOON)).disabled_at == LATER  # as it was
    assert change(database, users.enable).disabled_at is None


def test_role_and_kinds_are_changed(database: Database) -> None:
    add(database)

    assert change(database, users.set_role, Role.OPERATOR).role is Role.OPERATOR
    assert change(database, users.set_kinds, ["payment"]).kinds == {"payment"}
    assert change(database, users.set_kinds, []).kinds == frozenset()
    assert change(database, users.set_kinds, None).kinds is None
    assert stored(database).kinds is None


def test_a_new_password_is_dated(database: Database) -> None:
    add(database)

    assert change(database, users.set_password, "another").password_changed_at == LATER
    assert execute(database, "SELECT password_hash FROM users") == [("another",)]


def test_an_admin_sees_every_kind(database: Database) -> None:
    add(database)

    with pytest.raises(UsageError, match="An admin sees every kind"):
        change(database, users.set_role, Role.ADMIN)
    change(database, users.set_kinds, None)
    change(database, users.set_role, Role.ADMIN)
    with pytest.raises(UsageError, match="An admin sees every kind"):
        change(database, users.set_kinds, ["letter"])
    with pytest.raises(UsageError, match="An admin sees every kind"):
        add(database, NewUser("ole", Role.ADMIN, frozenset(), "x"))

    assert (stored(database).role, stored(database).kinds) == (Role.ADMIN, None)


VERBS: list[tuple[Callable[..., User], tuple[Any, ...]]] = [
    (users.disable, ()),
    (users.enable, ()),
    (users.set_role, (Role.VIEWER,)),
    (users.set_kinds, (None,)),
    (users.set_password, ("x",)),
]


@pytest.mark.parametrize(("verb", "values"), VERBS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_user_who_is_not_there_is_told(
    database: Database, verb: Callable[..., User], values: tuple[Any, ...]
) -> None:
    with pytest.raises(NotFound, match="There is no user 'ada'"):
        change(database, verb, *values)


def test_a_role_that_there_is_not_cannot_be_stored(database: Database) -> None:
    add(database)

    with pytest.raises(sa.exc.DBAPIError):
        execute(database, "UPDATE users SET role = 'god'")


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("typed", "kept"), [("Ada", "ada"), ("ÅSE", "åse"), ("A\u030ase", "åse"), ("ada@office.example", None)]
)
def test_a_name_is_kept_in_small_letters(typed: str, kept: str | None) -> None:
    assert users.user_name(typed) == (kept or typed)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("typed", ["", "ada lovelace", "ada\n", "a" * 101, "ada:7", "*", "a\x00da"])
def test_what_cannot_be_a_name_is_refused(typed: str) -> None:
    with pytest.raises(IllegalValue, match="is no name"):
        users.user_name(typed)


@pytest.mark.sqlite_only
def test_who_signed_in_acts_with_role_and_kinds(database: Database) -> None:
    user = add(database)

    assert users.actor(user, way="page", address="10.0.0.7", request_id="r1") == Actor(
        "ada",
        is_person=True,
        way="page",
        address="10.0.0.7",
        request_id="r1",
        role=Role.CASEWORKER,
        kinds=frozenset({"letter", "bill"}),
    )


def test_of_two_acts_on_one_user_at_once_the_second_sees_what_the_first_has_made(database: Database) -> None:
    add(database, NewUser("ada", Role.OPERATOR, None, "the hash"))
    admin = Actor("root", is_person=True, role=Role.ADMIN)
    problems: list[Exception] = []
    asked = threading.Event()

    def narrow() -> None:
        try:
            acting(database, admin, SetKinds("ada", frozenset({"letter"})), policies=Policies())
        except UsageError as problem:
            problems.append(problem)

    def came(_connection: object, _cursor: object, text: str, *_given: object) -> None:
        if threading.current_thread() is second and ("UPD" in text or "BEGIN" in text):
            asked.set()

    second = threading.Thread(target=narrow)
    sa.event.listen(database.engine, "before_cursor_execute", came)
    with database.begin() as connection:
        users.set_role(connection, "ada", Role.ADMIN, now=NOON)
        second.start()
        assert asked.wait(30)
    second.join()
    sa.event.remove(database.engine, "before_cursor_execute", came)

    assert [str(each) for each in problems] == [
        "An admin sees every kind, as one who gives out rights. Name no kinds, or another role."
    ]
    assert (stored(database).role, stored(database).kinds) == (Role.ADMIN, None)
