"""Cases of one rule each, with the moments written in the wall time of their zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from process_manager.gates import quiet
from process_manager.gates.quiet import Quiet

COPENHAGEN = "Europe/Copenhagen"
ZONES = [COPENHAGEN, "Europe/Warsaw", "Europe/Oslo"]
DAYS = ["2026-03-28", "2026-03-29", "2026-06-15", "2026-10-24", "2026-10-25", "2026-12-31"]


def moment(wall: str, zone: str = COPENHAGEN, *, second_time: bool = False) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone), fold=int(second_time)).astimezone(UTC)


def read(text: str) -> Quiet:
    return quiet.parse(text, COPENHAGEN)


def whole(text: str, wall: str) -> tuple[datetime, datetime]:
    """The joined window that covers or follows a wall time."""
    window = read(text).next_window(moment(wall))
    assert window is not None
    return window.start, window.end


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", DAYS)
def test_the_last_ten_minutes_of_the_day_are_closed_to_the_second(zone: str, day: str) -> None:
    windows = quiet.parse(quiet.DEFAULT, zone)
    midnight = moment(f"{date.fromisoformat(day) + timedelta(days=1)} 00:00", zone)

    assert windows.closed_until(moment(f"{day} 23:49:59.999999", zone)) is None
    assert windows.closed_until(moment(f"{day} 23:50:00", zone)) == midnight
    assert windows.closed_until(moment(f"{day} 23:59:59.999999", zone)) == midnight
    assert windows.closed_until(midnight) is None


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("01:30-02:30", "2026-03-29 01:30", "2026-03-29 03:00"),
        ("02:30-04:00", "2026-03-29 03:00", "2026-03-29 04:00"),
        ("02:00-03:00", "2026-03-30 02:00", "2026-03-30 03:00"),
        ("02:15-02:45", "2026-03-30 02:15", "2026-03-30 02:45"),
        ("22:00-06:00", "2026-03-28 22:00", "2026-03-29 06:00"),
    ],
)
def test_a_time_that_the_spring_day_skips_is_the_end_of_the_gap(text: str, starts: str, ends: str) -> None:
    assert whole(text, "2026-03-29 00:00") == (moment(starts), moment(ends))


@pytest.mark.parametrize(
    ("text", "starts", "ends", "lasts"),
    [
        ("01:30-02:30", "2026-10-25 01:30", "2026-10-25 02:30", timedelta(hours=2)),
        ("02:30-04:00", "2026-10-25 02:30", "2026-10-25 04:00", timedelta(hours=2, minutes=30)),
        ("02:15-02:45", "2026-10-25 02:15", "2026-10-25 02:45", timedelta(hours=1, minutes=30)),
        ("01:00-02:00", "2026-10-25 01:00", "2026-10-25 02:00", timedelta(hours=2)),
        ("03:00-04:00", "2026-10-25 03:00", "2026-10-25 04:00", timedelta(hours=1)),
        ("22:00-06:00", "2026-10-24 22:00", "2026-10-25 06:00", timedelta(hours=9)),
    ],
)
def test_a_time_that_the_autumn_day_repeats_begins_at_its_first_and_ends_at_its_last(
    text: str, starts: str, ends: str, lasts: timedelta
) -> None:
    start, end = whole(text, "2026-10-25 00:00")

    assert (start, end) == (moment(starts), moment(ends, second_time=True))
    assert end - start == lasts


def test_no_reading_of_a_repeated_time_starts_inside() -> None:
    windows = read("02:15-02:45")
    opens = moment("2026-10-25 02:45", second_time=True)

    assert windows.closed_until(moment("2026-10-25 02:14:59")) is None
    assert windows.closed_until(moment("2026-10-25 02:15")) == opens
    assert windows.closed_until(moment("2026-10-25 02:50")) == opens
    assert windows.closed_until(moment("2026-10-25 02:05", second_time=True)) == opens
    assert windows.closed_until(opens) is None


@pytest.mark.parametrize(
    ("text", "closed", "opened"),
    [
        ("22:00-06:00", "2026-06-15 22:00", "2026-06-16 06:00"),
        ("22:00-06:00", "2026-06-15 00:00", "2026-06-15 06:00"),
        ("22:00-00:00", "2026-06-15 23:59", "2026-06-16 00:00"),
        ("sat,sun", "2026-06-13 00:00", "2026-06-15 00:00"),
        ("fri-mon", "2026-06-12 00:00", "2026-06-16 00:00"),
        ("mon-fri 12:00-12:30", "2026-06-15 12:29:59", "2026-06-15 12:30"),
        ("fri 22:00-06:00", "2026-06-13 05:59:59", "2026-06-13 06:00"),
        ("sun 22:00-06:00", "2026-06-15 05:59:59", "2026-06-15 06:00"),
        ("month-end", "2028-02-29 00:00", "2028-03-01 00:00"),
        ("month-end", "2026-02-28 23:59", "2026-03-01 00:00"),
        ("month-end 18:00-24:00", "2026-04-30 18:00", "2026-05-01 00:00"),
        ("month-end -2", "2026-04-29 00:00", "2026-05-01 00:00"),
        ("month-end 22:00-06:00", "2026-05-01 05:59", "2026-05-01 06:00"),
        ("year-end", "2026-12-31 00:00", "2027-01-01 00:00"),
        ("year-end -3", "2026-12-29 00:00", "2027-01-01 00:00"),
        ("year-end 18:00-24:00", "2026-12-31 18:00", "2027-01-01 00:00"),
        ("2026-12-24", "2026-12-24 00:00", "2026-12-25 00:00"),
        ("2026-12-24 12:00-24:00", "2026-12-24 12:00", "2026-12-25 00:00"),
        ("12-24 12:00-24:00", "2031-12-24 12:00", "2031-12-25 00:00"),
        ("2026-12-24 12:00..2026-12-27 06:00", "2026-12-26 09:00", "2026-12-27 06:00"),
        ("2026-07-06..2026-07-31", "2026-07-31 23:59", "2026-08-01 00:00"),
        ("2020-01-01..2029-12-31", "2026-07-31 23:59", "2030-01-01 00:00"),
        ("holidays DK", "2026-12-25 00:00", "2026-12-27 00:00"),
        ("holidays DK+optional", "2026-12-24 00:00", "2026-12-27 00:00"),
        ("holidays DK+2026-05-15", "2026-05-14 09:00", "2026-05-16 00:00"),
        ("holidays DK+06-05 08:00-16:00", "2033-06-05 08:00", "2033-06-05 16:00"),
        ("holidays NO", "2027-05-17 00:00", "2027-05-18 00:00"),
        ("holidays US 08:00-16:00", "2027-12-31 08:00", "2027-12-31 16:00"),
        ("holidays PL", "2026-11-11 00:00", "2026-11-12 00:00"),
    ],
)
def test_a_rule_closes_its_hours(text: str, closed: str, opened: str) -> None:
    assert read(text).closed_until(moment(closed)) == moment(opened)


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("22:00-06:00", "2026-06-15 21:59:59"),
        ("22:00-06:00", "2026-06-15 06:00"),
        ("sat,sun", "2026-06-12 23:59:59"),
        ("mon-fri 12:00-12:30", "2026-06-14 12:15"),
        ("fri 22:00-06:00", "2026-06-12 05:00"),
        ("fri 22:00-06:00", "2026-06-13 22:00"),
        ("month-end", "2028-02-28 23:59:59"),
        ("month-end 18:00-24:00", "2026-04-30 17:59:59"),
        ("year-end", "2026-11-30 12:00"),
        ("2026-12-24", "2027-12-24 12:00"),
        ("2026-12-24 12:00..2026-12-27 06:00", "2026-12-24 11:59:59"),
        ("holidays DK", "2026-12-24 12:00"),
        ("holidays DK", "2026-05-01 12:00"),
        ("holidays DK 08:00-16:00", "2026-12-25 16:00"),
        ("holidays DK", "2026-05-17 12:00"),
        ("none", "2026-12-31 23:55"),
    ],
)
def test_a_rule_closes_nothing_else(text: str, opened: str) -> None:
    assert read(text).closed_until(moment(opened)) is None


def test_a_holiday_that_was_abolished_is_a_working_day_from_then_on() -> None:
    windows = read("holidays DK")  # Store bededag, the fourth Friday after Easter, until 2023

    assert windows.closed_until(moment("2023-05-05 12:00")) is not None
    assert windows.closed_until(moment("2024-04-26 12:00")) is None


def test_windows_that_touch_or_overlap_are_one() -> None:
    windows = read("23:50-24:00; sat,sun; 20:00-23:55")
    friday, monday = moment("2026-06-12 20:00"), moment("2026-06-15 00:00")

    assert windows.closed_until(friday) == monday
    assert windows.next_window(moment("2026-06-14 12:00")) == quiet.Window(
        friday, monday, "20:00-23:55; 23:50-24:00; sat,sun"
    )


def test_the_next_window_comes_up_to_two_years_ahead() -> None:
    windows = read("2028-02-29")
    window = quiet.Window(moment("2028-02-29 00:00"), moment("2028-03-01 00:00"), "2028-02-29")

    assert windows.next_window(moment("2026-03-02 00:00")) == window
    assert windows.next_window(moment("2025-01-01 00:00")) is None
    assert windows.next_window(window.end) is None
    assert quiet.NONE.next_window(moment("2026-03-02 00:00")) is None


def test_the_coming_windows_are_shown_rule_by_rule() -> None:
    windows = read("23:50-24:00; sat")

    assert windows.coming(moment("2026-06-12 23:55"), days=1) == [
        quiet.Window(moment("2026-06-12 23:50"), moment("2026-06-13 00:00"), "23:50-24:00"),
        quiet.Window(moment("2026-06-13 00:00"), moment("2026-06-14 00:00"), "sat"),
        quiet.Window(moment("2026-06-13 23:50"), moment("2026-06-14 00:00"), "23:50-24:00"),
    ]
    assert windows.coming(moment("2026-06-15 12:00"), days=0) == []


def test_rules_written_in_code_are_those_of_the_text() -> None:
    rules: list[quiet.Rule] = [
        quiet.daily("23:50-24:00"),
        quiet.weekly("mon-fri", "12:00-12:30"),
        quiet.holidays("DK", "optional", "06-05", hours="08:00-16:00"),
        quiet.month_end(2),
        quiet.year_end(hours="18:00-24:00"),
        quiet.on("2026-12-24"),
        quiet.span(datetime(2026, 12, 24, 12), datetime(2026, 12, 27, 6)),  # noqa: DTZ001  wall time has no zone
    ]

    assert quiet.of(rules, COPENHAGEN) == read(
        "23:50-24:00; mon-fri 12:00-12:30; holidays DK+optional+06-05 08:00-16:00; month-end -2; "
        "year-end 18:00-24:00; 2026-12-24; 2026-12-24 12:00..2026-12-27 06:00"
    )


@pytest.mark.parametrize("wall", ["0001-01-01 00:00", "9999-12-01 12:00", "9999-12-31 23:59:59.999999"])
def test_a_moment_at_the_end_of_all_calendars_has_an_answer(wall: str) -> None:
    assert read("06-01").closed_until(moment(wall, "UTC")) is None
