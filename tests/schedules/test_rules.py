"""The moments to which the rules of schedules come, whatever the clock and the calendar do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import takewhile
from time import process_time
from zoneinfo import ZoneInfo

import pytest

from process_manager.errors import IllegalValue
from process_manager.schedules import missed, rules

COPENHAGEN = "Europe/Copenhagen"
ZONES = (COPENHAGEN, "America/New_York", "America/Santiago", "Australia/Lord_Howe")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


def shown(text: str, after: datetime, count: int, zone: str = COPENHAGEN, **days: str) -> list[str]:
    found = missed.coming(rules.parse(text, zone, **days), after, count)
    return [each.at.astimezone(ZoneInfo(zone)).isoformat(" ", "minutes") for each in found]


def test_a_time_that_the_clock_shows_twice_is_taken_once() -> None:
    assert shown("30 2 * * *", utc(2026, 10, 24, 1), 2) == ["2026-10-25 02:30+02:00", "2026-10-26 02:30+01:00"]
    assert shown("30 2 * * *", utc(2026, 10, 25, 0, 45), 1) == ["2026-10-26 02:30+01:00"]
    assert shown("30 2 * * *", utc(2026, 10, 25, 1, 10), 1) == ["2026-10-26 02:30+01:00"]  # in the second round


def test_a_time_that_the_clock_skips_is_taken_as_soon_as_it_goes_on() -> None:
    assert shown("30 2 * * *", utc(2026, 3, 28, 3), 2) == ["2026-03-29 03:00+02:00", "2026-03-30 02:30+02:00"]
    assert shown("0,30 2-3 * * *", utc(2026, 3, 28, 23), 3) == [
        "2026-03-29 03:00+02:00",  # once for 02:00, 02:30 and its own
        "2026-03-29 03:30+02:00",
        "2026-03-30 02:00+02:00",
    ]


def test_every_hour_is_every_hour_that_passes() -> None:
    assert shown("30 * * * *", utc(2026, 10, 25, 0), 3) == [
        "2026-10-25 02:30+02:00",
        "2026-10-25 02:30+01:00",
        "2026-10-25 03:30+01:00",
    ]
    assert shown("30 * * * *", utc(2026, 10, 25, 0, 45), 1) == ["2026-10-25 02:30+01:00"]
    assert shown("30 * * * *", utc(2026, 3, 29, 0), 2) == ["2026-03-29 01:30+01:00", "2026-03-29 03:30+02:00"]


def test_seconds_are_the_first_of_six_fields() -> None:
    found = missed.coming(rules.parse("*/20 59 1 * * *", COPENHAGEN), utc(2026, 11, 30, 0), 4)

    assert [each.at.isoformat() for each in found] == [
        "2026-11-30T00:59:00+00:00",
        "2026-11-30T00:59:20+00:00",
        "2026-11-30T00:59:40+00:00",
        "2026-12-01T00:59:00+00:00",
    ]


def test_a_time_on_a_holiday_moves_to_the_next_working_day_and_comes_once() -> None:
    rule = rules.parse("0 6,18 * * *", COPENHAGEN, working_days="next", holidays="DK+optional")

    first, second, third, _ = missed.coming(rule, utc(2026, 12, 23, 20), 4)

    assert [each.at for each in (first, second, third)] == [
        utc(2026, 12, 28, 5), utc(2026, 12, 28, 17), utc(2026, 12, 29, 5),
    ]  # fmt: skip
    assert [each.isoformat() for each in first.named] == [f"2026-12-{day}T06:00:00" for day in range(24, 29)]


def test_who_asks_in_a_holiday_gets_what_moved_out_of_it() -> None:
    moved = {"working_days": "next", "holidays": "DK+optional"}

    assert shown("0 6 24 * *", utc(2026, 12, 26, 12), 1, **moved) == ["2026-12-28 06:00+01:00"]
    assert shown("0 6 24 * *", utc(2026, 12, 28, 5), 1, **moved) == ["2027-01-25 06:00+01:00"]  # the 24th is a Sunday


def test_a_time_on_a_holiday_falls_away_where_working_days_only_are_wanted() -> None:
    rule = rules.parse("0 6 * * *", COPENHAGEN, working_days="only", holidays="DK+optional+12-23")

    (slot,) = missed.coming(rule, utc(2026, 12, 22, 6), 1)

    assert (slot.at, slot.left_out) == (utc(2026, 12, 28, 5), tuple(date(2026, 12, day) for day in range(23, 28)))


def test_a_day_that_is_a_holiday_each_year_is_no_working_day_in_a_hundred_years_either() -> None:
    with pytest.raises(IllegalValue, match="falls on no day"):
        rules.parse("0 6 25 12 *", COPENHAGEN, working_days="only", holidays="DK")

    moved = rules.parse("0 6 25 12 *", COPENHAGEN, working_days="next", holidays="DK")
    assert next(moved.slots(utc(2026, 12, 1, 0))).at == utc(2026, 12, 28, 5)


@pytest.mark.parametrize("text", ["* * * * sat,sun", "* * * * * sat,sun"])
def test_a_rule_of_weekends_that_wants_working_days_only_falls_on_no_day_and_is_cheap_to_refuse(text: str) -> None:
    begun = process_time()

    with pytest.raises(IllegalValue, match="falls on no day"):
        rules.parse(text, COPENHAGEN, working_days="only")

    assert process_time() - begun < 2  # it took minutes and gigabytes


def test_a_day_that_falls_away_is_left_out_once_however_often_it_has_a_time() -> None:
    rule = rules.parse("* * * * *", COPENHAGEN, working_days="only")

    (slot,) = missed.coming(rule, utc(2026, 11, 27, 22, 59), 1)  # the last minute of a Friday

    assert (slot.at, slot.left_out) == (utc(2026, 11, 29, 23), (date(2026, 11, 28), date(2026, 11, 29)))


def test_weekends_and_a_leap_day_come_to_the_leap_day_that_is_a_working_day() -> None:
    rule = rules.parse("0 6 29 2 sat,sun", COPENHAGEN, working_days="only")

    assert [each.at.year for each in missed.coming(rule, utc(2027, 1, 1), 2)] == [2028, 2036]


def test_what_moves_from_days_that_have_each_second_is_not_collected_first() -> None:
    rule = rules.parse("* * 0-23 * * *", COPENHAGEN, working_days="next", holidays="DK+optional")
    begun = process_time()

    first, _ = missed.coming(rule, utc(2026, 12, 28, 22, 59, 57), 2)

    assert (first.at, len(first.named)) == (utc(2026, 12, 28, 22, 59, 58), 5)
    assert process_time() - begun < 0.1


def test_moments_come_once_each_in_order() -> None:
    rule = rules.parse("at 2026-12-01T08:00; 2026-10-25T02:30; 2026-10-25T02:30+01:00; 2026-12-01T07:00Z", COPENHAGEN)

    assert [each.at for each in rule.slots(utc(2026, 1, 1))] == [
        utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30), utc(2026, 12, 1, 7),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0 6 * * mon-fry", "field 5, the day-of-week: 'mon-fry' is not understood. Write sun to sat"),
        ("0,60 6 * * *", "field 1, the minute: '60' is not understood. Write 0 to 59"),
        ("0 6 1,,3 * *", "field 3, the day-of-month: '' is not understood"),
        ("0 0 25 * * *", "field 3, the hour: '25' is not understood"),
        ("0 6 * * mon#1/2", "field 5, the day-of-week: 'mon#1/2' is not understood"),
        ("0 6 * *", "has 4 fields instead of five or six. Write five fields"),
        ("0 6 30 2 *", "falls on no day"),
        ("at ", "Moments '' are none"),
        ("at 2026-12-32", "Moment '2026-12-32' is no moment. Write 2026-12-01T08:00"),
    ],
)
def test_a_bad_text_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(IllegalValue) as problem:
        rules.parse(text, COPENHAGEN)

    assert told in str(problem.value)


def test_what_runs_every_hour_moves_to_no_other_day() -> None:
    with pytest.raises(IllegalValue, match="runs every hour, which cannot move to the next working day"):
        rules.parse("0 * * * *", COPENHAGEN, working_days="next")


def changes(zone: ZoneInfo) -> list[datetime]:
    """Return the moments in 2026 at which the clock of the zone is set."""
    halves = [utc(2026, 1, 1) + number * timedelta(minutes=30) for number in range(2 * 24 * 365)]
    offsets = [each.astimezone(zone).utcoffset() for each in halves]
    return [moment for moment, before, after in zip(halves[1:], offsets, offsets[1:], strict=False) if before != after]


def expected(hours: set[int], minutes: set[int], zone: ZoneInfo, around: datetime) -> Iterator[datetime]:
    """Yield by looking at each minute what a rule of times comes to, a day before and after a change of the clock."""
    seen: set[datetime] = set()
    before = (around - timedelta(days=1)).astimezone(zone).replace(tzinfo=None)
    for number in range(2 * 24 * 60):
        moment = around + timedelta(minutes=number) - timedelta(days=1)
        wall = moment.astimezone(zone).replace(tzinfo=None, fold=0)
        passed = [before + timedelta(minutes=each) for each in range(1, (wall - before) // timedelta(minutes=1) + 1)]
        if any(each.hour in hours and each.minute in minutes and each not in seen for each in passed):
            yield moment
        seen.update(passed)
        before = max(before, wall)


@pytest.mark.parametrize("zone", ZONES)
def test_at_every_change_of_the_clock_it_comes_to_what_a_look_at_each_minute_does(zone: str) -> None:
    place = ZoneInfo(zone)
    found = changes(place)

    assert len(found) == 2
    for change in found:
        since, until = change - timedelta(days=1), change + timedelta(days=1)
        for hours, minutes in (({2}, {30}), ({0, 1, 2, 3}, {0, 15, 45}), ({23, 0}, {59, 0})):
            text = f"{','.join(map(str, sorted(minutes)))} {','.join(map(str, sorted(hours)))} * * *"
            slots = takewhile(lambda each, end=until: each.at < end, rules.parse(text, zone).slots(since))
            assert [each.at for each in slots] == list(expected(hours, minutes, place, change)), (text, change)
