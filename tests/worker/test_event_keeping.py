"""Events that were kept long enough, and for which nothing waits, are removed; whatever may still ask keeps its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from event_acts import KEY, signal, withdraw
from event_steps import Waits
from freezegun import freeze_time
from rig import NOON, execute, start, status, work

from process_manager import inspection
from process_manager.database import Database
from process_manager.store import event_keeping, event_queries, event_waits
from process_manager.worker.event_keeping import EventKeeping
from process_manager.worker.event_sweep import EventSweep

pytestmark = pytest.mark.every_database(quick=())
DAY = timedelta(days=1)


def heard(database: Database, *keys: str, at: datetime, stands: bool = False) -> None:
    """Signal these events at a moment, and withdraw them."""
    with freeze_time(at):
        for key in keys:
            signal(database, key)
            if not stands:
                withdraw(database, key)


def look(database: Database, keep: timedelta = 10 * DAY) -> None:
    with freeze_time(NOON):
        EventKeeping(database, keep).look()


def keys(database: Database) -> list[str]:
    with database.read() as connection:
        return [each.key for each in event_queries.page(connection, after="", limit=99)]


def test_an_event_that_is_old_goes_with_its_signals_whether_it_stands_or_not(database: Database) -> None:
    heard(database, "old:1", at=NOON - 11 * DAY)
    heard(database, "old:2", at=NOON - 11 * DAY, stands=True)
    heard(database, "new:1", at=NOON - 9 * DAY)

    look(database)

    assert keys(database) == ["new:1"]
    assert execute(database, "SELECT count(*) FROM event_signals") == [(1,)]


def test_one_that_a_step_may_still_ask_for_stays_until_its_process_has_ended(database: Database) -> None:
    process_id = start(database, Waits, {"event": KEY})
    work(database, Waits)
    heard(database, KEY, at=NOON - 11 * DAY)

    look(database)
    before = keys(database)
    work(database, Waits)
    look(database)

    assert status(database, process_id) == "succeeded"
    assert (before, keys(database)) == ([KEY], [])
    with database.read() as connection:
        assert event_queries.wakes(connection, process_id) == {2: (KEY, 1)}  # its history tells of it all the same


def test_one_with_many_signals_goes_a_portion_at_a_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_keeping, "PORTION", 2)
    for _ in range(5):
        heard(database, KEY, at=NOON - 11 * DAY)

    removed = [database.run(lambda connection: event_keeping.remove(connection, KEY, before=NOON)) for _ in range(3)]

    assert (removed, keys(database)) == ([True, True, False], [])
    assert execute(database, "SELECT count(*) FROM event_signals") == [(0,)]


def test_one_that_is_heard_of_meanwhile_stays(database: Database) -> None:
    heard(database, KEY, at=NOON - 11 * DAY)
    with database.read() as connection:
        assert event_keeping.old(connection, after="", before=NOON - 10 * DAY).keys == [KEY]
    heard(database, KEY, at=NOON)

    database.run(lambda connection: event_keeping.remove(connection, KEY, before=NOON - 10 * DAY))

    assert keys(database) == [KEY]


@pytest.mark.slow
def test_who_signals_one_that_is_just_being_removed_makes_it_anew(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("who writes there has the whole file")
    heard(database, KEY, at=NOON - 11 * DAY)

    with ThreadPoolExecutor() as threads:
        with database.begin() as connection:
            assert not event_keeping.remove(connection, KEY, before=NOON)
            signalled = threads.submit(signal, database)
            assert not signalled.done()
        made = signalled.result(timeout=20)

    assert (made.number, made.is_new, keys(database)) == (1, True, [KEY])


def test_who_went_on_without_an_event_is_noted_however_many_wait_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_waits, "LOOKED_AT", 2)
    for each in (event_waits.gone_statement, event_waits.gone_later_statement):
        each.cache_clear()
    ids = [start(database, Waits, {"event": KEY}) for _ in range(5)]
    work(database, Waits)
    moved = "UPDATE processes SET waiting_for = 'moment', due_at = updated_at WHERE id <> :first"
    execute(database, moved, first=ids[0])
    sweep = EventSweep(database, None)

    for _ in range(3):
        sweep.look()
    for each in (event_waits.gone_statement, event_waits.gone_later_statement):
        each.cache_clear()

    assert execute(database, "SELECT process_id FROM event_waits WHERE is_open = 1") == [(ids[0],)]


def test_of_those_that_wait_for_one_event_no_more_than_some_are_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_queries, "MOST", 2)
    for key in [KEY] * 4 + ["few:1"]:
        start(database, Waits, {"event": key})
    work(database, Waits)

    with database.read() as connection:
        counted = [(each.key, each.waiting) for each in event_queries.page(connection, after="", limit=9)]
        some = event_queries.page(connection, after="", limit=9, kinds=frozenset({Waits.name}))

    assert counted == [("few:1", 1), (KEY, 3)]
    assert [(each.key, each.waiting) for each in some] == counted


def test_the_list_says_until_when_an_event_is_kept(database: Database) -> None:
    heard(database, KEY, at=NOON)

    with database.read() as connection:
        (kept,) = inspection.events(connection, limit=9, keep=10 * DAY)
        (for_ever,) = inspection.events(connection, limit=9)

    assert (kept.kept_until, for_ever.kept_until) == (NOON + 10 * DAY, None)
