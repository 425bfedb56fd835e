"""Sessions on every database: found by their cookie with the user as they are now, and ended for good."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from rig import NOON, execute

from process_manager.actor import Actor, Role
from process_manager.database import Database
from process_manager.governance import users
from process_manager.governance.users import NewUser
from process_manager.web import sessions

pytestmark = pytest.mark.every_database

ADA = Actor("ada", is_person=True, way="page", role=Role.CASEWORKER)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ada(database: Database) -> Database:
    """A database with a user."""
    new = NewUser("ada", Role.CASEWORKER, frozenset({"letter"}), "no password has it")
    database.run(lambda connection: users.add(connection, new, by="root", now=NOON))
    return database


def seen_at(database: Database) -> list[str]:
    return [str(row[0])[:19] for row in execute(database, "SELECT seen_at FROM sessions ORDER BY seen_at")]


def is_in(database: Database, cookie: str, now: datetime) -> bool:
    return sessions.resume(database, cookie, now=now) is not None


def test_a_cookie_is_its_user_with_role_and_kinds_of_now(ada: Database) -> None:
    cookie = sessions.create(ada, ADA, before=None, now=NOON)
    ada.run(lambda connection: users.set_kinds(connection, "ada", None, now=NOON))

    found = sessions.resume(ada, cookie, now=NOON)

    assert found is not None
    assert (found.user.name, found.user.role, found.user.kinds, found.cookie) == ("ada", Role.CASEWORKER, None, None)
    assert not is_in(ada, f"{cookie}x", NOON)
    assert not is_in(ada, cookie.swapcase(), NOON)


def test_another_role_gives_another_cookie_once(ada: Database) -> None:
    cookie = sessions.create(ada, ADA, before=None, now=NOON)
    ada.run(lambda connection: users.set_role(connection, "ada", Role.OPERATOR, now=NOON))

    found = sessions.resume(ada, cookie, now=NOON)

    assert found is not None
    assert found.cookie is not None
    assert found.user.role is Role.OPERATOR
    again = sessions.resume(ada, found.cookie, now=NOON)
    assert again is not None
    assert again.cookie is None
    assert not is_in(ada, cookie, NOON)


def test_it_is_kept_to_the_minute_when_somebody_was_seen_and_a_poll_is_nobody(ada: Database) -> None:
    cookie = sessions.create(ada, ADA, before=None, now=NOON)

    assert is_in(ada, cookie, NOON + MINUTE - timedelta(seconds=1))
    sessions.resume(ada, cookie, now=NOON + 5 * MINUTE, is_poll=True)
    assert seen_at(ada) == ["2026-11-23 12:00:00"]
    assert is_in(ada, cookie, NOON + MINUTE)
    assert seen_at(ada) == ["2026-11-23 12:01:00"]


def test_it_ends_by_itself_and_by_its_user(ada: Database) -> None:
    idle = sessions.create(ada, ADA, before=None, now=NOON)
    left = sessions.create(ada, ADA, before=None, now=NOON)

    assert is_in(ada, idle, NOON + sessions.IDLE - timedelta(seconds=1))
    assert not is_in(ada, idle, NOON + 2 * sessions.IDLE)
    sessions.end(ada, left)
    assert not is_in(ada, left, NOON)


def test_signing_in_deletes_what_was_before_and_what_has_ended(ada: Database) -> None:
    sessions.create(ada, ADA, before=None, now=NOON)
    kept = sessions.create(ada, ADA, before=None, now=NOON + 10 * MINUTE)
    mine = sessions.create(ada, ADA, before=None, now=NOON + 20 * MINUTE)

    new = sessions.create(ada, ADA, before=mine, now=NOON + 30 * MINUTE)

    assert seen_at(ada) == ["2026-11-23 12:10:00", "2026-11-23 12:30:00"]
    assert [is_in(ada, each, NOON + 30 * MINUTE) for each in (kept, mine, new)] == [True, False, True]


def test_no_session_is_longer_than_eight_hours(ada: Database) -> None:
    cookie = sessions.create(ada, ADA, before=None, now=NOON)
    execute(ada, "UPDATE sessions SET seen_at = :late", late="2026-11-23 19:59:00.000000")

    assert is_in(ada, cookie, NOON + sessions.LONGEST - timedelta(seconds=1))
    assert not is_in(ada, cookie, NOON + sessions.LONGEST)
