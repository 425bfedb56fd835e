"""Whose clock is read, and that no correction makes it run backwards."""

from datetime import UTC, datetime, timedelta

import pytest
from freezegun import freeze_time
from rig import settings

from process_manager import clock
from process_manager.database import Database, clock_sync
from process_manager.database.clock_sync import ClockSync

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_the_hosts_clock_is_read_unless_another_is_followed() -> None:
    with freeze_time(NOON):
        assert clock.now() == clock.host() == NOON

        clock.follow(10 * MINUTE)
        assert (clock.now(), clock.host()) == (NOON + 10 * MINUTE, NOON)

        clock.follow_host()
        assert clock.now() == NOON


def test_a_clock_that_is_corrected_backwards_stands_still_until_it_is_right() -> None:
    with freeze_time(NOON) as frozen:
        clock.follow(MINUTE)
        assert clock.now() == NOON + MINUTE

        clock.follow(timedelta(seconds=58))
        assert clock.now() == NOON + MINUTE
        frozen.tick(timedelta(seconds=1))
        assert clock.now() == NOON + MINUTE
        frozen.tick(timedelta(seconds=2))
        assert clock.now() == NOON + timedelta(seconds=61)


def test_a_clock_that_is_corrected_forwards_is_right_at_once() -> None:
    with freeze_time(NOON):
        clock.follow(MINUTE)
        clock.now()

        clock.follow(3 * MINUTE)

        assert clock.now() == NOON + 3 * MINUTE


@pytest.mark.every_database
def test_a_fleet_reads_the_clock_of_its_database_server(database: Database) -> None:
    with freeze_time(NOON, tick=True):  # a host whose clock is hours or years from the server's
        ClockSync(database, settings(clock="database")).beat()
        followed = clock.now()

    if database.dialect == "sqlite":
        assert followed - NOON < timedelta(seconds=5)  # its clock is this host's
    else:
        assert abs(followed - clock.host()) < timedelta(seconds=5)


@pytest.mark.every_database
def test_a_host_that_trusts_its_own_clock_reads_that(database: Database) -> None:
    with freeze_time(NOON):
        ClockSync(database, settings(clock="host")).beat()

        assert clock.now() == NOON


@pytest.mark.every_database
def test_the_hosts_clock_is_read_again_once_nobody_corrects_the_followed_one(database: Database) -> None:
    syncs = [ClockSync(database, settings(clock="database")) for _ in range(2)]

    with freeze_time(NOON):  # a host whose clock is days or years from the server's
        with syncs[0]:
            with syncs[1]:
                pass
            is_followed = clock.now() != NOON

        assert is_followed == (database.dialect != "sqlite")
        assert clock.now() == NOON


def test_a_clock_sync_that_could_not_begin_is_not_active(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ClockSync(database, settings(clock="database"))
    monkeypatch.setattr(broken, "beat", lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError), broken:
        pass

    assert clock_sync._active == set()
