"""Celery's workers share the seats of the fleet: a message takes one, or leaves its process where it rests."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rig import Bench, Three, execute, row, settings, start

from process_manager import Limit, Process, classic, clock
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.fleet.options import FleetOptions
from process_manager.fleet.runner import ELSEWHERE, NOTHING
from process_manager.fleet.tick import Ticker
from process_manager.store import workers
from process_manager.store.workers import Registered
from process_manager.worker import Plan
from tests.fleet.test_runner import marked, runner

pytestmark = pytest.mark.every_database(quick=("sqlite",))


OPTIONS = FleetOptions(tick=timedelta(seconds=1), cap=3, again=timedelta(minutes=5))


class Sap(Three):
    """Three steps that share one seat."""

    name = "sap"
    limit = Limit("sap-seats", 1)


def tick(database: Database, *classes: type[Process]) -> list[int]:
    """What a new program with `Sap` and these marks."""
    return tick_of(database, Sap, *classes)


def tick_of(database: Database, *classes: type[Process]) -> list[int]:
    with database.begin() as connection:
        here = Registered("celery@here:1:abc", "here", 1, clock.now(), clock.now(), 1, ("default",), ())
        workers.register(connection, here)
    ticker = Ticker(database, Plan(Registry(classes), settings(), classic()))
    return [each.process_id for each in ticker.tick(OPTIONS)]


def test_a_message_takes_a_seat_step_after_step(database: Database) -> None:
    process_id = start(database, Sap)

    assert tick(database) == [process_id]
    with runner(database, Sap) as opened:
        assert opened.run(process_id, 0) == "succeeded"
        assert opened.run(process_id, 0) == NOTHING


def test_while_no_seat_is_free_nothing_is_sent_and_a_message_leaves_its_process_in_the_pool(database: Database) -> None:
    first, second = start(database, Sap), start(database, Sap)
    (held,) = Bench(database, Sap, wait_for=lambda _transition: False).write()

    assert held.claim.id == first
    with runner(database, Sap) as opened:
        assert opened.run(second, 0) == ELSEWHERE
    assert tick(database) == []
    assert (row(database, second)["status"], row(database, second)["pool"]) == ("waiting", "sap-seats")
    assert marked(database) == []


def test_a_backlog_of_others_keeps_no_free_seat_empty(database: Database) -> None:
    _first, second = start(database, Sap), start(database, Sap)
    Bench(database, Sap, wait_for=lambda _transition: False).write()
    with runner(database, Sap) as opened:
        assert opened.run(second, 0) == ELSEWHERE
    backlog = [start(database, Three) for _ in range(5)]
    execute(database, "DELETE FROM seats")  # as when the first is done

    assert tick(database, Three) == [second, *backlog[:2]]


def test_what_rests_for_a_limit_that_is_declared_no_more_is_sent(database: Database) -> None:
    class Dropped(Three):
        name = "sap"

    process_id = start(database, Sap)

    assert tick_of(database, Dropped) == [process_id]
