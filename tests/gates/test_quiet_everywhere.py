"""No start inside a window, by a second opinion: each rule again as a plain predicate of what the wall clock shows."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from process_manager.gates import quiet
from process_manager.gates.quiet import Quiet

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
# Both hemispheres, half an hour (Lord Howe), changes at midnight (Santiago), a midnight that comes twice (Azores).
ZONES = [
    "Europe/Copenhagen",
    "Europe/Warsaw",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Atlantic/Azores",
]


def between(wall: datetime, start: str, end: str) -> bool:
    return start <= f"{wall:%H:%M}" < end


def is_in_span(wall: datetime) -> bool:
    return "2030-03-30 12:00" <= f"{wall:%Y-%m-%d %H:%M}" < "2030-04-07 02:30"


def is_danish_holiday(day: date) -> bool:
    """The public holidays of 2024 and later, from the date of Easter."""
    fixed = {(1, 1), (12, 25), (12, 26)}
    return (day.month, day.day) in fixed or (day - easter(day.year)).days in {-3, -2, 0, 1, 39, 49, 50}


def easter(year: int) -> date:
    """Easter Sunday, for 1900 to 2099, after Gauss."""
    moon = (19 * (year % 19) + 24) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    days = moon + sunday
    if (moon, sunday) == (29, 6) or (moon, sunday, year % 19 > 10) == (28, 6, True):
        days -= 7
    return date(year, 3, 22) + timedelta(days=days)


ORACLE: dict[str, Callable[[datetime], bool]] = {
    "23:50-24:00": lambda wall: f"{wall:%H:%M}" >= "23:50",
    "22:00-06:00": lambda wall: wall.hour >= 22 or wall.hour < 6,
    "18:00-23:00": lambda wall: 18 <= wall.hour < 23,
    "tue 20:00-19:30": lambda wall: (wall.isoweekday() == 2 and wall.hour >= 20)
    or (wall.isoweekday() == 3 and f"{wall:%H:%M}" < "19:30"),
    "01:30-02:10": lambda wall: between(wall, "01:30", "02:10"),
    "02:15-02:45": lambda wall: between(wall, "02:15", "02:45"),
    "00:10-00:20": lambda wall: between(wall, "00:10", "00:20"),
    "sat,sun": lambda wall: wall.isoweekday() >= 6,
    "mon-fri 12:00-12:30": lambda wall: wall.isoweekday() <= 5 and between(wall, "12:00", "12:30"),
    "sat 22:00-02:30": lambda wall: (wall.isoweekday() == 6 and wall.hour >= 22)
    or (wall.isoweekday() == 7 and f"{wall:%H:%M}" < "02:30"),
    "month-end 18:00-24:00": lambda wall: (wall + DAY).day == 1 and wall.hour >= 18,
    "month-end -2": lambda wall: (wall + DAY).day == 1 or (wall + 2 * DAY).day == 1,
    "year-end": lambda wall: (wall.month, wall.day) == (12, 31),
    "12-24 12:00-24:00": lambda wall: (wall.month, wall.day) == (12, 24) and wall.hour >= 12,
    "2030-03-30 12:00..2030-04-07 02:30": is_in_span,
    "holidays DK": lambda wall: is_danish_holiday(wall.date()),
}  # fmt: skip
TEXTS = list(ORACLE)
WINDOWS = {(zone, text): quiet.parse(text, zone) for zone in ZONES for text in TEXTS}
ALL = {zone: quiet.parse(TEXTS, zone) for zone in ZONES}


def shown(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def shown_twice(at: datetime, zone: str) -> bool:
    """Whether the wall clock shows this time again, or has shown it before."""
    local = at.astimezone(ZoneInfo(zone))
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def check(windows: Quiet, text: str, zone: str, at: datetime) -> None:
    """Closed wherever the clock shows a time inside; and nowhere else, but between two showings of one time."""
    closed, inside = windows.closed_until(at) is not None, ORACLE[text](shown(at, zone))

    assert closed or not inside, (text, zone, at)
    assert inside or not closed or shown_twice(at, zone), (text, zone, at)


def changes(zone: str) -> list[datetime]:
    """The first hour after every change of a zone's offset from 2025 to 2035."""
    hours = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=number) for number in range(11 * 8766)]
    offsets = [at.astimezone(ZoneInfo(zone)).utcoffset() for at in hours]
    return [at for at, before, after in zip(hours[1:], offsets, offsets[1:], strict=False) if before != after]


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
def test_every_change_of_the_clock_from_2025_to_2035_is_exact_to_the_minute(zone: str) -> None:
    found = changes(zone)

    assert len(found) == 22
    for change in found:
        for number in range(-180, 180):
            minute = change + number * MINUTE
            for text in TEXTS:
                check(WINDOWS[zone, text], text, zone, minute)


INSTANTS = st.integers(
    int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()), int(datetime(2036, 1, 1, tzinfo=UTC).timestamp()) - 1
).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(zone=st.sampled_from(ZONES), instants=st.lists(INSTANTS, min_size=20, max_size=20))
def test_no_step_starts_inside_a_window_at_any_of_20_000_instants(zone: str, instants: list[datetime]) -> None:
    for at in instants:
        text = TEXTS[at.toordinal() % len(TEXTS)]
        check(WINDOWS[zone, text], text, zone, at)

    at = instants[0]
    start, warned = ALL[zone].start_for(at, timedelta(0))
    assert not warned
    assert start == (ALL[zone].closed_until(at) or at)
    assert not [text for text in TEXTS if ORACLE[text](shown(start, zone))], (zone, at, start)


@settings(max_examples=150, deadline=None)
@given(zone=st.sampled_from(ZONES), at=INSTANTS, minutes=st.integers(1, 18 * 60))
def test_a_step_that_starts_without_a_warning_meets_no_window(zone: str, at: datetime, minutes: int) -> None:
    start, warned = ALL[zone].start_for(at, minutes * MINUTE)

    if not warned:
        during = [shown(start + number * MINUTE, zone) for number in range(0, minutes, 5)]
        assert not [text for text in TEXTS for wall in during if ORACLE[text](wall)], (zone, at, start)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(zone=st.sampled_from(ZONES), at=INSTANTS)
def test_the_windows_that_are_shown_are_those_that_close(zone: str, at: datetime) -> None:
    windows = ALL[zone]
    closed = [window.end for window in windows.coming(at, days=40) if window.start <= at]
    following = windows.next_window(at)

    assert following is not None
    assert bool(closed) == (windows.closed_until(at) is not None) == (following.start <= at)
    assert windows.closed_until(following.start) == following.end
    assert windows.closed_until(following.start - timedelta(microseconds=1)) is None
    assert windows.closed_until(following.end) is None
