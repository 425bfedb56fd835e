"""An idle worker hears at once that something is due, where the database can tell; the others look often enough."""

import time

import pytest
from rig import Three, abandon, eventually, start, status, working

from process_manager.database import Database
from process_manager.worker.idle import LIVELY

pytestmark = pytest.mark.every_database


def seconds_until_done(database: Database, process_id: int) -> float:
    began = time.monotonic()
    eventually(lambda: status(database, process_id) == "succeeded")
    return time.monotonic() - began


def test_what_another_program_starts_is_run_without_waiting_for_the_next_look(database: Database) -> None:
    with working(database):
        seconds_until_done(database, start(database))

        took = sorted(seconds_until_done(database, start(database)) for _ in range(9))

    looks_only = database.dialect in ("mariadb", "mssql")
    assert took[4] < (1.5 if looks_only else 0.5)


def test_a_worker_that_had_nothing_to_do_for_a_while_hears_of_it_as_well(database: Database) -> None:
    with working(database):
        took = []
        for _ in range(3):
            time.sleep(1.1 * LIVELY)
            took.append(seconds_until_done(database, start(database)))

    looks_only = database.dialect in ("mariadb", "mssql")
    assert sorted(took)[1] < (1.5 if looks_only else 0.2)


def test_the_next_of_a_lane_is_run_soon_after_a_person_gave_up_the_first(database: Database) -> None:
    first = start(database, Three, order_key="lane")
    with working(database, Three, channels=("default",)):
        eventually(lambda: status(database, first) == "succeeded")
    blocker = start(database, Three, order_key="lane", channel="nobody")
    behind = start(database, Three, order_key="lane")

    with working(database, Three, channels=("default",)):
        abandon(database, blocker)

        assert seconds_until_done(database, behind) < 3


def test_what_was_said_while_a_worker_was_not_there_is_found_by_its_first_look(database: Database) -> None:
    process_id = start(database)

    with working(database):
        eventually(lambda: status(database, process_id) == "succeeded")
