"""A worker is in the table of workers while it runs, and no longer."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from rig import execute, settings

from process_manager import clock, operations
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.lifecycle.retry import never
from process_manager.store import workers
from process_manager.worker import heartbeat
from process_manager.worker.heartbeat import Heartbeat
from process_manager.worker.plan import Plan
from process_manager.worker.shutdown import Shutdown

NAMES = "SELECT name FROM workers"

pytestmark = pytest.mark.every_database


def test_a_worker_that_ends_takes_its_row_away_and_leaves_those_of_others(database: Database) -> None:
    one, other = (heartbeat.this(name, concurrency=1, channels=(), knows=()) for name in ("one", "other"))

    with Heartbeat(database, other, every=timedelta(0)) as another:
        another.beat()
        with Heartbeat(database, one, every=timedelta(0)) as beating:
            beating.beat()
            both = sorted(execute(database, NAMES))
        left = execute(database, NAMES)

    assert (both, left, execute(database, NAMES)) == ([("one",), ("other",)], [("other",)], [])


def test_a_row_that_somebody_took_away_is_there_again_at_the_next_beat(database: Database) -> None:
    with Heartbeat(
        database, heartbeat.this("one", concurrency=1, channels=(), knows=()), every=timedelta(0)
    ) as beating:
        beating.beat()
        execute(database, "DELETE FROM workers")
        beating.beat()

        assert execute(database, NAMES) == [("one",)]


def test_a_worker_that_is_to_end_is_told_at_each_beat_and_lives_on_until_then(database: Database) -> None:
    told: list[int] = []
    this = heartbeat.this("one", concurrency=1, channels=(), knows=())
    with Heartbeat(database, this, every=timedelta(0), drain=lambda: told.append(1)) as beating:
        beating.beat()
        assert told == []
        before = clock.now()

        assert database.run(lambda connection: operations.drain(connection, "one"))
        assert not database.run(lambda connection: operations.drain(connection, "one"))
        beating.beat()
        beating.beat()

        with database.read() as connection:
            found = workers.of_name(connection, "one")
    assert told == [1, 1]
    assert found is not None
    assert found.seen_at >= before
    assert found.drain_asked_at is not None


def test_a_beat_of_a_worker_that_nobody_drains_costs_what_it_did(database: Database) -> None:
    this = heartbeat.this("one", concurrency=1, channels=(), knows=())
    with Heartbeat(database, this, every=timedelta(0)) as beating:
        beating.beat()
        asked: list[str] = []

        def count(*told: Any) -> None:
            asked.append(told[2].split()[0])

        sa.event.listen(database.engine, "before_cursor_execute", count)
        beating.beat()
        sa.event.remove(database.engine, "before_cursor_execute", count)

    assert [each for each in asked if each in ("SELECT", "UPDATE", "INSERT", "DELETE")] == ["DELETE", "UPDATE"]


def test_a_signal_after_a_drain_does_not_cut_steps_off_and_a_second_one_does() -> None:
    shutdown = Shutdown(Plan(Registry(()), settings(), never()))
    shutdown.ask_from_afar()
    shutdown.ask_from_afar()
    shutdown.ask()
    assert (shutdown.is_asked, shutdown.is_forced) == (True, False)

    shutdown.ask()
    assert shutdown.is_forced
