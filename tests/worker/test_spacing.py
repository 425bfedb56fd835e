"""Spacing: a lane rests after each of its processes, and no other lane does."""

from datetime import timedelta
from typing import Any

import pytest
from freezegun import freeze_time
from rig import NOON, Bench, abandon, get, row, settings, start, status

from process_manager import Done, Process, StepRun, classic
from process_manager.database import Database
from process_manager.definition.registry import Registry
from process_manager.direct import Direct
from process_manager.worker import Plan

pytestmark = pytest.mark.every_database


class Spaced(Process):
    spacing = "500ms"
    STEPS = {"send": "send"}

    def send(self, run: StepRun) -> Any:
        return Done("sent")


HALF_A_SECOND = timedelta(milliseconds=500)


def work_once(database: Database, *classes: type[Process]) -> None:
    """Run what is due, and what that makes due, at this moment."""
    bench = Bench(database, *(classes or (Spaced,)))
    while jobs := bench.write():
        for job in jobs:
            bench.run(job)


def test_the_next_of_a_lane_is_due_when_its_pause_is_over_and_others_are_at_once(database: Database) -> None:
    with freeze_time(NOON) as clock:
        first, second = (start(database, Spaced, order_key="k") for _ in range(2))
        other, free = start(database, Spaced, order_key="l"), start(database, Spaced)
        work_once(database)
        assert [status(database, each) for each in (first, second, other, free)] == [
            "succeeded", "waiting", "succeeded", "succeeded"
        ]  # fmt: skip
        assert (get(database, second).waiting_for, row(database, second)["due_at"]) == ("moment", NOON + HALF_A_SECOND)
        clock.tick(HALF_A_SECOND - timedelta(milliseconds=1))
        work_once(database)
        assert status(database, second) == "waiting"
        clock.tick(timedelta(milliseconds=1))
        work_once(database)

    assert status(database, second) == "succeeded"


def test_a_start_in_a_lane_that_rests_waits_for_it_and_for_its_own_moment(database: Database) -> None:
    with freeze_time(NOON):
        start(database, Spaced, order_key="k")
        work_once(database)
        second = start(database, Spaced, order_key="k", at=NOON + timedelta(milliseconds=200))
        third = start(database, Spaced, order_key="l", at=NOON + timedelta(seconds=2))

    assert row(database, second)["due_at"] == NOON + HALF_A_SECOND
    assert row(database, third)["due_at"] == NOON + timedelta(seconds=2)


def test_the_pause_begins_with_any_end_also_that_by_a_person(database: Database) -> None:
    with freeze_time(NOON):
        first, second = (start(database, Spaced, order_key="k") for _ in range(2))
        abandon(database, first)

    assert row(database, second)["due_at"] == NOON + HALF_A_SECOND


def test_the_record_of_one_hands_on_no_other_of_its_lane(database: Database) -> None:
    first, second = (start(database, Spaced, order_key="k") for _ in range(2))
    bench = Bench(database, Spaced)
    (job,) = bench.write()
    bench.run(job)

    assert bench.write(looks=False) == []

    assert [status(database, each) for each in (first, second)] == ["succeeded", "waiting"]


def test_a_direct_call_runs_the_head_of_a_lane_and_leaves_one_that_rests(database: Database) -> None:
    class Placed(Spaced):
        order_position = "pos"

    plan = Plan(Registry([Spaced, Placed]), settings(), classic())
    with Direct(database, plan) as direct:
        rests = [direct.run(Placed, {"pos": position}, order_key="k") for position in (7, 8, 7)]
        free = direct.run(Spaced, order_key="l")

    assert [each.status for each in rests] == ["succeeded", "waiting", "skipped"]
    assert (free.status, get(database, rests[1].id).waiting_for) == ("succeeded", "moment")
