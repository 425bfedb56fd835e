"""When a step of a known length may start, and what asking often or from many threads must not change."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from process_manager.gates import quiet

LAST_TEN_MINUTES = quiet.parse(quiet.DEFAULT, "UTC")
NIGHTS_ONLY = quiet.parse("06:00-22:00", "UTC")
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def june(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 6, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "needed", "start"),
    [
        (june(15, 12), HOUR, june(15, 12)),
        (june(15, 22, 50), HOUR, june(15, 22, 50)),
        (june(15, 22, 50, 1), HOUR, june(16)),
        (june(15, 23, 49, 59), timedelta(0), june(15, 23, 49, 59)),
        (june(15, 23, 50), timedelta(0), june(16)),
        (june(15, 23, 55), HOUR, june(16)),
        (june(15, 12), 23 * HOUR, june(16)),
        (june(15), timedelta(hours=23, minutes=50), june(15)),
    ],
)
def test_a_step_starts_when_it_ends_before_the_next_window(at: datetime, needed: timedelta, start: datetime) -> None:
    assert LAST_TEN_MINUTES.start_for(at, needed) == (start, False)


def test_a_step_waits_for_the_first_period_that_is_long_enough() -> None:
    windows = quiet.parse("mon-fri 06:00-20:00", "UTC")  # 15 June is a Monday

    assert windows.start_for(june(15, 21), 9 * HOUR) == (june(15, 21), False)
    assert windows.start_for(june(15, 21), 10 * HOUR) == (june(15, 20) + timedelta(days=1), False)
    assert windows.start_for(june(15, 21), 11 * HOUR) == (june(19, 20), False)


@pytest.mark.parametrize(
    ("at", "start"), [(june(15, 12), june(16)), (june(15, 23, 55), june(16)), (june(16), june(16))]
)
def test_a_step_that_fits_no_period_starts_at_an_opening_with_a_warning(at: datetime, start: datetime) -> None:
    assert LAST_TEN_MINUTES.start_for(at, 30 * HOUR) == (start, True)


def test_a_step_that_fits_no_period_starts_late_when_it_has_waited_for_the_opening() -> None:
    at = june(16, 8)

    assert LAST_TEN_MINUTES.start_for(at, 30 * HOUR, ready=june(16)) == (at, True)
    assert LAST_TEN_MINUTES.start_for(at, 30 * HOUR, ready=june(16) + SECOND) == (june(17), True)


def test_a_step_as_long_as_the_period_starts_though_the_worker_is_a_little_late() -> None:
    assert NIGHTS_ONLY.start_for(june(15, 12), 8 * HOUR) == (june(15, 22), False)
    assert NIGHTS_ONLY.start_for(june(15, 22, 0, 2), 8 * HOUR) == (june(15, 22, 0, 2), True)
    assert NIGHTS_ONLY.start_for(june(15, 22, 1, 1), 8 * HOUR) == (june(16, 22), False)


def test_a_step_of_a_day_does_not_wait_for_the_day_of_25_hours() -> None:
    windows = quiet.parse(quiet.DEFAULT, "Europe/Copenhagen")
    midnight = datetime(2026, 6, 15, 22, tzinfo=UTC)

    assert windows.start_for(june(15, 12), 24 * HOUR) == (midnight, True)


def test_a_step_of_any_length_fits_where_no_window_comes() -> None:
    assert quiet.NONE.start_for(june(15), timedelta(days=700)) == (june(15), False)
    assert quiet.NONE.start_for(june(15), timedelta.max) == (june(15), True)


def test_a_step_waits_until_a_long_closing_is_over() -> None:
    windows = quiet.parse("23:50-24:00; 2026-06-15..2026-07-31", "UTC")

    assert windows.start_for(june(20), HOUR) == (datetime(2026, 8, 1, tzinfo=UTC), False)


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    moments = [june(day, hour, minute) for day in range(1, 29) for hour in (0, 12, 23) for minute in (0, 49, 50, 59)]
    fresh = [quiet.parse(quiet.DEFAULT, "Europe/Oslo").closed_until(at) for at in moments]
    asked = quiet.parse(quiet.DEFAULT, "Europe/Oslo")

    backwards = [asked.closed_until(at) for at in reversed(moments)][::-1]

    assert backwards == fresh
    assert [asked.closed_until(at) for at in moments] == fresh


def test_threads_that_ask_at_once_get_the_answers_that_one_gets() -> None:
    moments = [june(1) + number * timedelta(minutes=7) for number in range(3000)]
    alone = [quiet.parse("22:00-06:00; sat", "UTC").closed_until(at) for at in moments]
    shared = quiet.parse("22:00-06:00; sat", "UTC")

    with ThreadPoolExecutor(8) as threads:
        answers = [list(found) for found in threads.map(lambda _: map(shared.closed_until, moments), range(8))]

    assert answers == [alone] * 8


def test_holidays_are_loaded_only_when_a_rule_names_them() -> None:
    script = (
        "import sys; from process_manager.gates import quiet; quiet.parse('23:50-24:00; sat,sun', 'Europe/Oslo'); "
        "before = 'holidays' in sys.modules; quiet.parse('holidays NO', 'Europe/Oslo'); "
        "print(before, 'holidays' in sys.modules)"
    )

    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)

    assert shown.stdout.split() == ["False", "True"]
