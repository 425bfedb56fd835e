"""A trouble that lasts is told when it begins, every five minutes with its count, and when it is over."""

import time
from datetime import timedelta
from typing import Any

from freezegun import freeze_time
from rig import NOON

from process_manager.log_throttle import EVERY, MOST, RecurringProblem
from process_manager.worker.periodic import PeriodicTask

Line = tuple[str, dict[str, Any]]


class Told(list[Line]):
    """A log in which lines can be looked up."""

    def warning(self, event: str, **facts: Any) -> None:
        self.append((event, facts))


def troubled() -> tuple[Told, RecurringProblem]:
    told = Told()
    return told, RecurringProblem(told.warning, "duty.failed", over="duty.recovered")


def test_a_problem_of_eleven_minutes_is_logged_four_times() -> None:
    told, lasting = troubled()

    with freeze_time(NOON) as clock:
        for beat in range(330):
            lasting.failed(f"connection refused on port {20_000 + beat}", duty="look")
            clock.tick(timedelta(seconds=2))
        lasting.recovered(duty="look")

    assert told == [
        ("duty.failed", {"problem": "connection refused on port 20000", "duty": "look"}),
        ("duty.failed",
         {"problem": "connection refused on port 20150", "times": 151, "for_seconds": 300, "duty": "look"}),
        ("duty.failed",
         {"problem": "connection refused on port 20300", "times": 301, "for_seconds": 600, "duty": "look"}),
        ("duty.recovered", {"times": 330, "lasted_seconds": 660.0, "duty": "look"}),
    ]  # fmt: skip


def test_what_failed_once_is_logged_once() -> None:
    told, lasting = troubled()

    lasting.failed("a deadlock")
    lasting.recovered()
    lasting.recovered()

    assert told == [("duty.failed", {"problem": "a deadlock"})]


def test_another_problem_in_the_same_place_is_logged_at_once() -> None:
    told, lasting = troubled()

    for problem in ("cut off", "cut off", "read-only", "cut off", "read-only"):
        lasting.failed(problem)

    assert [facts["problem"] for _event, facts in told] == ["cut off", "read-only"]


def test_problems_of_two_things_are_told_apart_and_those_that_nobody_ends_are_forgotten() -> None:
    told, lasting = troubled()

    for number in range(MOST * 3):
        lasting.failed("refused", about=number)

    assert len(told) == MOST * 3
    assert len(lasting._known) == MOST


def test_a_problem_that_comes_back_is_a_new_one() -> None:
    told, lasting = troubled()

    for _ in range(2):
        lasting.failed("cut off")
        lasting.recovered()

    assert [event for event, _facts in told] == ["duty.failed"] * 2


def test_a_periodic_task_that_fails_every_time_keeps_no_other_from_being_done_and_fills_no_log(caplog: Any) -> None:
    done = list[float]()

    def broken() -> None:
        raise ZeroDivisionError

    task = PeriodicTask(broken, lambda: done.append(time.monotonic()), lease=timedelta(seconds=90))
    with freeze_time(NOON) as clock:
        for _ in range(10):
            task.turn()
            clock.tick(EVERY / 15)

    assert len(done) == 10
    assert len([line for line in caplog.records if "duty.broken" in line.getMessage()]) == 1
