"""The tick marks what is due for living workers of Celery, each once, and never more than a cap of a channel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from freezegun import freeze_time
from rig import NOON, Three, row, settings, start
from rows import claim

from process_manager import classic
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.fleet.options import FleetOptions
from process_manager.fleet.tick import Ticker
from process_manager.gates.switches import Switch
from process_manager.store import sent, switches, workers
from process_manager.store.sent import SentMark
from process_manager.store.workers import Registered
from process_manager.worker import Plan, recovery

pytestmark = pytest.mark.every_database(quick=("sqlite",))

OPTIONS = FleetOptions(tick=timedelta(seconds=1), cap=3, again=timedelta(minutes=5))
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with freeze_time(NOON) as frozen:
        yield frozen


def ticker(database: Database, **options: Any) -> Ticker:
    return Ticker(database, Plan(Registry([Three]), settings(**options), classic()))


def tick(database: Database, **options: Any) -> list[int]:
    """The processes that one tick of a new program marks."""
    return [each.process_id for each in ticker(database, **options).tick(OPTIONS)]


def hire(database: Database, *channels: str, name: str = "celery@here:1:abc", **changes: Any) -> None:
    facts = {"started_at": NOON, "seen_at": NOON, "concurrency": 1, **changes}
    with database.begin() as connection:
        workers.register(connection, Registered(name, "here", 1, channels=channels, knows=(), **facts))


def marks(database: Database) -> list[SentMark]:
    with database.read() as connection:
        return sent.marks(connection)


def test_what_is_due_is_marked_with_its_fence_and_not_twice(database: Database, clock: Any) -> None:
    hire(database, "default")
    process_id = start(database)

    assert [tick(database), tick(database)] == [[process_id], []]
    assert marks(database) == [SentMark(process_id, 0, "default", NOON)]


def test_what_nobody_has_claimed_for_five_minutes_is_sent_again(database: Database, clock: Any) -> None:
    hire(database, "default")
    process_id = start(database)
    tick(database)

    clock.tick(OPTIONS.again - SECOND)
    hire(database, "default", name="celery@here:2:abc", seen_at=NOON + OPTIONS.again)
    assert tick(database) == []
    clock.tick(SECOND)
    assert tick(database) == [process_id]
    assert [each.sent_at for each in marks(database)] == [NOON + OPTIONS.again]


def test_what_rests_again_is_sent_again_at_once(database: Database) -> None:
    hire(database, "default")
    process_id = start(database)
    tick(database)
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE processes SET fence = fence + 2")  # claimed and given back

    assert tick(database) == [process_id]
    assert [each.fence for each in marks(database)] == [2]


def test_no_more_are_on_their_way_than_the_cap_of_each_channel(database: Database) -> None:
    hire(database, "default", "night")
    ids = [start(database) for _ in range(5)]
    others = [start(database, channel="night") for _ in range(2)]

    assert tick(database) == [*ids[:3], *others]
    assert tick(database) == []
    taken = claim(database, limit=1)
    assert [each.id for each in taken] == [ids[0]]
    assert tick(database) == [ids[3]]


def test_a_channel_that_no_living_worker_of_celery_takes_is_sent_nothing(database: Database, clock: Any) -> None:
    hire(database, "night")
    hire(database, name="ours:1:abc")  # which takes every channel by itself
    hire(database, "default", name="celery@gone:1:abc", seen_at=NOON - timedelta(minutes=2))
    start(database)

    assert tick(database) == []


def test_who_takes_every_channel_is_sent_those_that_are_declared(database: Database) -> None:
    hire(database)
    process_id = start(database)

    assert tick(database) == [process_id]


@pytest.mark.parametrize("key", ["all-commands", "process-manager", "three", "default"])
def test_what_is_disabled_is_not_sent(database: Database, key: str) -> None:
    hire(database, "default")
    start(database)
    with database.begin() as connection:
        switches.throw(connection, Switch(key, "SAP is down", "Ada", NOON, None))

    assert tick(database) == []


def test_nothing_is_sent_in_a_quiet_window(database: Database) -> None:
    hire(database, "default")
    start(database)

    assert tick(database, quiet="11:00-13:00") == []


def test_what_a_worker_left_that_is_gone_is_sent_to_another(database: Database, clock: Any) -> None:
    process_id = start(database)
    claim(database)
    clock.tick(timedelta(minutes=5))
    hire(database, "default", seen_at=NOON + timedelta(minutes=5))

    found = ticker(database).tick(OPTIONS)

    assert [(each.process_id, each.fence) for each in found] == [(process_id, 2)]
    assert row(database, process_id)["crashes"] == 1


def test_what_dead_workers_left_is_taken_over_in_short_transactions(
    database: Database, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "MOST", 2)
    for _ in range(5):
        start(database)
    claim(database, limit=5)
    clock.tick(timedelta(minutes=5))
    taken: list[tuple[object, int]] = []
    recover = recovery.recover

    def recovered(connection: sa.Connection, *given: Any, **options: Any) -> int:
        number = recover(connection, *given, **options)
        taken.append((connection.get_transaction(), number))
        return number

    monkeypatch.setattr(recovery, "recover", recovered)
    tick(database)

    assert [number for _transaction, number in taken] == [2, 2, 1]
    assert len({id(transaction) for transaction, _number in taken}) == 3


def test_of_two_ticks_at_once_one_sends(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    hire(database, "default")
    process_id = start(database)
    look, others = sent.marks, ticker(database)
    found: list[list[int]] = []

    def looked(connection: Any) -> list[SentMark]:
        before = look(connection)
        if not found and database.dialect != "sqlite":  # where the second waits for the first
            found.append([])
            found[0] = [each.process_id for each in others.tick(OPTIONS)]
        return before

    monkeypatch.setattr(sent, "marks", looked)
    ours = tick(database)

    assert [*ours, *(each for one in found for each in one)] == [process_id]


def test_what_could_not_be_sent_is_found_by_the_next_tick(database: Database) -> None:
    hire(database, "default")
    process_id = start(database)
    one = ticker(database)

    one.take_back(one.tick(OPTIONS))

    assert (marks(database), tick(database)) == ([], [process_id])
