"""A worker is in the table of workers while it runs, and no longer."""

from datetime import timedelta

import pytest
from rig import execute

from process_manager.database import Database
from process_manager.worker import heartbeat
from process_manager.worker.heartbeat import Heartbeat

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
