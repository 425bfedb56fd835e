"""A round as a picture: where its runs stand, and the lines of its axis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from process_manager.inspection.rounds import Round
from process_manager.inspection.step_history import History
from process_manager.web import time_axis

NOON = datetime(2026, 11, 30, 11, 2, tzinfo=UTC)
ZONE = "Europe/Copenhagen"


def run(step: str, attempt: int, after: timedelta, outcome: str = "retry", **more: Any) -> History:
    started = NOON + after
    known: dict[str, Any] = dict.fromkeys(History.__dataclass_fields__)
    known |= {"process_id": 1, "seq": attempt, "round": 1, "step": step, "attempt": attempt, "outcome": outcome}
    known |= {"started_at": started, "finished_at": started + timedelta(seconds=1), "message": ""}
    return History(**(known | more))


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def test_runs_stand_in_proportion_and_the_last_straw_is_marked() -> None:
    runs = (run("check", 1, minutes(0), "done"), *(run("book", n, minutes(5 * n)) for n in range(1, 11)))

    drawn = time_axis.picture(Round(1, None, runs), ["check", "book"], failed=True, zone=ZONE)

    assert [lane.name for lane in drawn.lanes] == ["1 check", "2 book"]
    check, book = drawn.lanes
    assert [(bar.kind, bar.label) for bar in check.bars] == [("succeeded", "1 s")]
    assert [bar.label for bar in book.bars] == [str(n) for n in range(1, 11)]
    assert [bar.is_last_straw for bar in book.bars] == [False] * 9 + [True]
    apart = [b.x - a.x for a, b in zip(book.bars, book.bars[1:], strict=False)]
    assert max(apart) - min(apart) < 0.02
    assert check.bars[0].x == time_axis.LEFT
    assert book.bars[-1].x <= time_axis.LEFT + time_axis.WIDTH


@pytest.mark.parametrize(
    ("outcome", "failed", "is_marked"),
    [
        ("retry", True, True),
        ("doubt", True, True),
        ("retry", False, False),
        ("wait", True, False),
        ("done", True, False),
    ],
)
def test_only_an_error_that_ended_a_round_is_the_last_straw(outcome: str, failed: bool, is_marked: bool) -> None:
    runs = (run("book", 1, minutes(0)), run("book", 2, minutes(5), outcome))

    (lane,) = time_axis.picture(Round(1, None, runs), [], failed=failed, zone=ZONE).lanes

    assert [bar.is_last_straw for bar in lane.bars] == [False, is_marked]


def test_numbers_that_would_stand_in_each_other_are_left_out_but_the_last() -> None:
    runs = tuple(run("book", n, timedelta(seconds=n)) for n in range(1, 200))

    (lane,) = time_axis.picture(Round(1, None, runs), [], failed=True, zone=ZONE).lanes

    shown = [bar.label for bar in lane.bars if bar.label]
    assert len(shown) < 30
    assert shown[-1] == "199"
    assert lane.name == "book"


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (minutes(45), ["12:15", "12:30", "12:45"]),
        (timedelta(hours=8), ["14:00", "16:00", "18:00", "20:00"]),
        (timedelta(seconds=20), ["12:02:05", "12:02:10", "12:02:15", "12:02:20"]),
        (timedelta(days=5), ["1 Dec", "2 Dec", "3 Dec", "4 Dec", "5 Dec"]),
    ],
)
def test_lines_stand_at_whole_times_of_the_readers_clock(length: timedelta, told: list[str]) -> None:
    runs = (run("book", 1, minutes(0)), run("book", 2, length, finished_at=NOON + length))

    drawn = time_axis.picture(Round(1, None, runs), [], failed=False, zone=ZONE)

    assert [each.text for each in drawn.ticks][-len(told) :] == told or [each.text for each in drawn.ticks] == told


def test_a_round_that_took_no_time_has_no_lines() -> None:
    runs = (run("book", 1, minutes(0), "done", finished_at=NOON),)

    drawn = time_axis.picture(Round(1, None, runs), [], failed=False, zone=None)

    assert drawn.ticks == ()
    assert drawn.lanes[0].bars[0].x == time_axis.LEFT


def test_a_run_that_takes_long_is_as_wide_as_it_took() -> None:
    runs = (run("book", 1, minutes(0), "started", finished_at=None), run("mark", 1, minutes(10), "done"))

    book, mark = time_axis.picture(Round(1, None, runs), [], failed=False, zone=None).lanes

    assert book.bars[0].width == pytest.approx(time_axis.WIDTH, abs=0.1)
    assert (book.bars[0].kind, mark.bars[0].width) == ("running", None)
