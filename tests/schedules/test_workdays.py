"""Spans of working days: over weekends, holidays and changes of the clock, and what follows for a task."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from process_manager.errors import IllegalValue
from process_manager.gates import quiet
from process_manager.lifecycle.spans import span
from process_manager.schedules.task_times import TaskTimes, moved_on
from process_manager.schedules.workdays import working_time, working_time_of

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
OFFICE = working_time("Europe/Copenhagen", "DK")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN).astimezone(UTC)


@pytest.mark.parametrize(
    ("asked", "days", "due"),
    [
        ("2026-11-23 14:00", "1 workday", "2026-11-24 14:00"),
        ("2026-11-27 14:00", "3 workdays", "2026-12-02 14:00"),  # from Friday over the weekend
        ("2026-11-28 10:00", "1 workday", "2026-11-30 10:00"),  # asked on a Saturday
        ("2026-04-01 09:00", "1 workday", "2026-04-07 09:00"),  # Maundy Thursday to Easter Monday are holidays
        ("2026-12-23 16:00", "2 workdays", "2026-12-28 16:00"),  # Christmas Eve is none in the public calendar
        ("2026-03-27 02:30", "1 workday", "2026-03-30 02:30"),  # the clock is set forward between the two
        ("2026-10-23 02:30", "1 workday", "2026-10-26 02:30"),
    ],
)
def test_working_days_are_counted_at_the_same_time_of_day_without_weekends_and_holidays(
    asked: str, days: str, due: str
) -> None:
    assert OFFICE.later(at(asked), span(days, "due")) == at(due)


def test_a_duration_counts_every_hour_and_the_text_of_a_span_is_read_again() -> None:
    friday = at("2026-11-27 14:00")

    assert OFFICE.later(friday, span("2d", "due")) == friday + timedelta(days=2)
    assert OFFICE.later(friday, span(timedelta(hours=4), "due")) == friday + timedelta(hours=4)
    assert [str(span(text, "due")) for text in ("3 workdays", "1 Workday", "4h", "90m")] == [
        "3 workdays", "1 workday", "4h", "1h30m",
    ]  # fmt: skip


@pytest.mark.parametrize("given", ["0 workdays", "0s", "soon", "", "367 workdays", "9999d", 7, timedelta(-1)])
def test_what_is_no_span_is_refused(given: Any) -> None:
    with pytest.raises(IllegalValue, match="due"):
        span(given, "due")


def test_the_office_is_that_of_the_quiet_windows_in_every_calendar_that_they_name() -> None:
    windows = quiet.parse("23:50-24:00; holidays DK; holidays NO 12:00-24:00", "Europe/Copenhagen")
    office = working_time_of(windows)

    assert (office.zone.key, office.holidays) == ("Europe/Copenhagen", "DK; NO")
    assert working_time(office.zone.key, office.holidays) == office
    assert office.later(at("2026-05-13 08:00"), span("1 workday", "due")) == at("2026-05-15 08:00")  # Ascension
    assert office.later(at("2026-05-15 08:00"), span("1 workday", "due")) == at("2026-05-18 08:00")
    assert working_time_of(quiet.parse("none", "UTC")).holidays == ""


TASK = TaskTimes(
    due_at=at("2026-12-02 14:00"), overdue_at=None, overdue_to="chief", remind_every="1 workday",
    remind_at=at("2026-11-30 14:00"), reminders=0, zone="Europe/Copenhagen", holidays="DK",
)  # fmt: skip


def test_a_task_is_reminded_of_until_it_is_overdue_and_given_to_another_group_once() -> None:
    monday = at("2026-11-30 14:00")
    overdue = at("2026-12-02 14:00")

    assert moved_on(TASK, monday) == {
        "reminders": 1, "reminded_at": monday, "remind_at": at("2026-12-01 14:00"), "next_at": at("2026-12-01 14:00"),
    }  # fmt: skip
    late = TASK._replace(remind_at=overdue, reminders=2)
    assert moved_on(late, overdue) == {
        "overdue_at": overdue, "group_name": "chief", "claimed_by": None, "claimed_at": None, "reminders": 3,
        "reminded_at": overdue, "remind_at": at("2026-12-03 14:00"), "next_at": at("2026-12-03 14:00"),
    }  # fmt: skip
    again = late._replace(overdue_at=overdue, remind_at=at("2026-12-03 14:00"))
    assert "group_name" not in moved_on(again, at("2026-12-03 14:00"))


def test_reminders_that_nobody_was_there_for_are_one() -> None:
    after_a_month = at("2026-12-30 09:00")

    found = moved_on(TASK._replace(due_at=None), after_a_month)

    assert (found["reminders"], found["remind_at"]) == (1, at("2026-12-30 14:00"))


def test_what_is_overdue_and_goes_to_nobody_is_noted_alone() -> None:
    plain = TASK._replace(overdue_to=None, remind_every=None, remind_at=None)

    assert moved_on(plain, at("2026-12-02 15:00")) == {"overdue_at": at("2026-12-02 15:00"), "next_at": None}
    assert moved_on(plain, at("2026-12-02 13:00")) == {"next_at": at("2026-12-02 14:00")}
