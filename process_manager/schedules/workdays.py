"""Moments that lie working days ahead, on the clock and in the calendars of an office."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from process_manager.gates.quiet import Quiet, walltime
from process_manager.gates.quiet.days import Holidays
from process_manager.lifecycle.spans import TimeSpan, span
from process_manager.schedules.calendar import WorkCalendar, work_calendar

_DAY: Final = timedelta(days=1)
_LONGEST: Final = 31
"""Days in a row that are looked at for the next working day: no office is closed for longer."""


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """The clock of an office, and its calendars: a day is a working day if it is one in each."""

    zone: ZoneInfo
    calendars: tuple[WorkCalendar, ...]

    @property
    def holidays(self) -> str:
        """The calendars as they are stored: `DK+optional; NO`."""
        found = (str(each.holidays).removeprefix("holidays ") for each in self.calendars if each.holidays is not None)
        return "; ".join(found)

    def later(self, moment: datetime, after: TimeSpan) -> datetime:
        """Return the moment a span after another: the same time of day so many working days later, or the duration."""
        if not after.workdays:
            return moment + after.duration
        wall = moment.astimezone(self.zone).replace(tzinfo=None, fold=0)
        for _ in range(after.workdays):
            wall = self._next_working(wall)
        return walltime.begins(wall, self.zone)

    def _next_working(self, wall: datetime) -> datetime:
        days = (wall + number * _DAY for number in range(1, _LONGEST))
        return next((each for each in days if all(one.is_working(each.date()) for one in self.calendars)), wall + _DAY)


def working_time_of(windows: Quiet) -> WorkingTime:
    """Return the office that quiet windows tell of: the calendars that they name say what is a holiday."""
    named = (getattr(rule, "days", None) for rule in windows.rules)
    found = dict.fromkeys(days for days in named if isinstance(days, Holidays))
    return WorkingTime(windows.zone, _calendars(found))


def working_time(zone: str, holidays: str) -> WorkingTime:
    """Return the office of what was stored of one."""
    texts = [text for text in holidays.split(";") if text.strip()]
    return WorkingTime(walltime.zone_named(zone), tuple(map(work_calendar, texts)) or _calendars(()))


def _calendars(holidays: Iterable[Holidays]) -> tuple[WorkCalendar, ...]:
    return tuple(WorkCalendar(each) for each in holidays) or (WorkCalendar(),)


def after(time_: WorkingTime, moment: datetime, given: str | None) -> datetime | None:
    """Return the moment that a stored span ends; None without one."""
    return None if given is None else time_.later(moment, span(given, "Span"))
