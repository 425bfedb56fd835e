"""Guessing from one address, or at one name from many: how often, how long it waits, and whom that holds up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from backends import overheard
from rig import NOON, execute

from process_manager.actor import Role
from process_manager.database import Database
from process_manager.errors import SignInsHeld
from process_manager.governance import sign_in_limits, users
from process_manager.governance.sign_in import SignIn, sign_in
from process_manager.governance.users import NewUser

pytestmark = pytest.mark.every_database

HERE, THERE = "10.0.0.7", "10.0.0.8"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def fail(
    database: Database, times: int = 1, *, name: str = "ada", address: str | None = HERE, now: datetime = NOON
) -> None:
    for _ in range(times):
        database.run(lambda connection: sign_in_limits.count(connection, name, address, now=now))


def wait(database: Database, *, name: str = "ada", address: str | None = HERE, now: datetime = NOON) -> str | None:
    """How long somebody has to wait."""
    with database.read() as connection:
        try:
            sign_in_limits.require_open(connection, name, address, now=now)
        except SignInsHeld as held:
            return str(held.facts["wait"])
    return None


def test_twenty_in_a_minute_wait_for_its_end_whatever_names_they_try(database: Database) -> None:
    for number in range(19):
        fail(database, name=f"name{number}", now=NOON + timedelta(seconds=number))
    assert wait(database) is None

    fail(database, now=NOON + timedelta(seconds=20))

    assert wait(database, now=NOON + timedelta(seconds=20)) == "40s"
    assert wait(database, name="nobody", now=NOON + timedelta(seconds=59)) == "1s"
    assert wait(database, address=THERE) is None
    assert wait(database, now=NOON + MINUTE) is None


@pytest.mark.slow
@pytest.mark.sqlite_only
def test_who_goes_on_waits_ever_longer(database: Database) -> None:
    waits, now = [], NOON
    for number in range(500):
        if wait(database, name=f"name{number}", now=now):
            waits.append(now)
            while wait(database, name=f"name{number}", now=now):
                now += MINUTE
        fail(database, name=f"name{number}", now=now)

    assert now - NOON >= 4 * HOUR
    assert wait(database, now=now) == "19h56m"
    assert wait(database, now=NOON + DAY) is None
    assert len(waits) == 24  # each minute of an hour's hundred, and the hour's end


def test_a_name_waits_for_the_end_of_the_day_after_a_hundred_from_many_addresses(database: Database) -> None:
    for number in range(0, 100, 10):
        fail(database, 10, address=f"10.0.{number}.1", now=NOON + timedelta(minutes=number))

    assert wait(database, address=THERE, now=NOON + HOUR) == "23h"
    assert wait(database, address=None, now=NOON + HOUR) == "23h"
    assert wait(database, name="bo", address=THERE, now=NOON + HOUR) is None
    assert wait(database, address=THERE, now=NOON + DAY) is None


@pytest.mark.sqlite_only
@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_who_is_held_is_held_before_a_password_is_looked_at_whether_the_name_exists_or_not(
    database: Database, name: str
) -> None:
    database.run(lambda it: users.add(it, NewUser("ada", Role.VIEWER, None, "-"), by="root", now=NOON))
    fail(database, 20)

    with overheard(database) as said, pytest.raises(SignInsHeld) as held:
        sign_in(database, SignIn(name, "whatever it is", HERE), now=NOON)

    assert (held.value.facts["wait"], held.value.facts["seconds"]) == ("1m", 60)
    assert [each.split()[0] for each in said if not each.startswith(("BEGIN", "ROLLBACK"))] == ["SELECT"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("how", ["enable", "password"])
def test_an_admin_frees_a_name_and_no_address(database: Database, how: str) -> None:
    database.run(lambda it: users.add(it, NewUser("ada", Role.VIEWER, None, "-"), by="root", now=NOON))
    fail(database, 100)

    if how == "enable":
        database.run(lambda it: users.enable(it, "ada", now=NOON))
    else:
        database.run(lambda it: users.set_password(it, "ada", "-", now=NOON))

    assert wait(database, address=THERE) is None
    assert wait(database, address=HERE) == "1h"


@pytest.mark.sqlite_only
def test_one_network_of_ipv6_is_one_address_and_an_address_of_ipv4_is_the_same_in_both(database: Database) -> None:
    for number in range(20):
        fail(database, name=f"name{number}", address=f"2001:db8:0:1::{number}")
        fail(database, name=f"other{number}", address=f"::ffff:{HERE}")

    assert wait(database, address="2001:db8:0:1:ffff::") == "1m"
    assert wait(database, address="2001:db8:0:2::1") is None
    assert wait(database, address=HERE) == "1m"
    assert wait(database, address="::ffff:10.0.0.9") is None


def test_what_is_over_is_deleted_and_nothing_kept_names_anybody(database: Database) -> None:
    fail(database, 2)
    assert len(execute(database, "SELECT key_hash FROM sign_in_failures")) == 4

    fail(database, name="bo", address=None, now=NOON + DAY)

    ((kept, failures),) = execute(database, "SELECT key_hash, failures FROM sign_in_failures")
    assert (len(kept), failures) == (64, 1)
