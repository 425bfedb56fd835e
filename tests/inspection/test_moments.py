"""Moments and stretches of time, as a page tells them."""

from datetime import UTC, datetime, timedelta

import pytest

from process_manager.inspection import moments

NOW = datetime(2026, 11, 30, 13, 32, tzinfo=UTC)
ZONE = "Europe/Copenhagen"


@pytest.mark.parametrize(
    ("moment", "at", "until"),
    [
        (datetime(2026, 11, 30, 6, 47, tzinfo=UTC), "today 07:47", "07:47"),
        (datetime(2026, 11, 29, 23, 30, tzinfo=UTC), "today 00:30", "00:30"),
        (datetime(2026, 11, 29, 22, 30, tzinfo=UTC), "yesterday 23:30", "yesterday 23:30"),
        (datetime(2026, 12, 1, 5, 0, tzinfo=UTC), "tomorrow 06:00", "06:00 tomorrow"),
        (datetime(2026, 11, 27, 20, 13, tzinfo=UTC), "Fri 21:13", "Fri 21:13"),
        (datetime(2026, 11, 20, 11, 58, tzinfo=UTC), "Fri 20 Nov 12:58", "Fri 20 Nov 12:58"),
        (datetime(2025, 11, 20, 11, 58, tzinfo=UTC), "Thu 20 Nov 2025 12:58", "Thu 20 Nov 2025 12:58"),
    ],
)
def test_a_moment_is_told_by_its_day_on_the_clock_of_the_reader(moment: datetime, at: str, until: str) -> None:
    assert moments.at(moment, NOW, ZONE) == at
    assert moments.until(moment, NOW, ZONE) == until


def test_the_end_of_time_is_told_in_utc() -> None:
    assert moments.at(datetime.max.replace(tzinfo=UTC), NOW, ZONE) == "Fri 31 Dec 9999 23:59"


@pytest.mark.parametrize(
    ("stretch", "told"),
    [
        (timedelta(), "0 s"),
        (timedelta(milliseconds=800), "0.8 s"),
        (timedelta(seconds=12), "12 s"),
        (timedelta(seconds=12.7), "12 s"),
        (timedelta(minutes=48), "48 min"),
        (timedelta(minutes=9, seconds=59), "9 min 59 s"),
        (timedelta(minutes=10, seconds=1), "10 min"),
        (timedelta(minutes=2, seconds=4), "2 min 4 s"),
        (timedelta(hours=1, minutes=4, seconds=5), "1 h 4 min"),
        (timedelta(days=3, hours=1, minutes=2), "3 d 1 h"),
        (timedelta(days=3, minutes=2), "3 d"),
        (-timedelta(seconds=5), "0 s"),
    ],
)
def test_a_stretch_of_time_has_two_units_at_most(stretch: timedelta, told: str) -> None:
    assert moments.lasting(stretch) == told
