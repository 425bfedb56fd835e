"""Working days: no Saturday, no Sunday, and no holiday of a calendar as quiet windows name it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from process_manager.gates.quiet import days
from process_manager.gates.quiet.days import Holidays

WorkingDays = Literal["any", "next", "only"]
"""What becomes of a time on a day that is no working day: nothing, the next working day, or it falls away."""

_SATURDAY: Final = 5
_LONGEST: Final = 31
"""Days that are looked at: no office is closed for longer."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The working days of an office."""

    holidays: Holidays | None = None

    def is_working(self, day: date) -> bool:
        """Return whether the office works on this day."""
        return day.weekday() < _SATURDAY and not self.is_holiday(day)

    def is_holiday(self, day: date) -> bool:
        """Return whether this is a holiday, on whatever day of the week."""
        return self.holidays is not None and self.holidays.has(day)

    def working(self, day: date) -> date:
        """Return the day, or the next working day after it where it is none."""
        return next((each for each in _days(day, _DAY) if self.is_working(each)), day)

    def first_of_gap(self, day: date) -> date:
        """Return the day after the last working day before this one: what falls on it from there comes to this day."""
        before = next((each for each in _days(day - _DAY, -_DAY) if self.is_working(each)), day - _DAY)
        return before + _DAY


def work_calendar(holidays: str) -> WorkCalendar:
    """Return the calendar of a text such as `DK+optional+05-15`, of weekends alone where it is empty."""
    return WorkCalendar(days.holidays(*holidays.replace(" ", "").split("+")) if holidays.strip() else None)


def _days(first: date, step: timedelta) -> list[date]:
    return [first + number * step for number in range(_LONGEST)]
