"""Days on which an office works: no weekend, and no holiday that the quiet windows name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from process_manager.gates.quiet import Quiet
from process_manager.gates.quiet.days import Holidays
from process_manager.inspection import moments

_SATURDAY: Final = 5
_LONGEST: Final = 14
"""Days that are looked back: no office is closed for longer."""


def last_working_day(now: datetime, zone: str | None, windows: Iterable[Quiet]) -> datetime:
    """Return when the last working day before today began, on the clock of the zone.

    Args:
        now: The present moment.
        zone: The zone of the reader's clock.
        windows: The quiet windows: the calendars that they name say what is a holiday.
    """
    midnight = moments.local(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    calendars = _calendars(windows)
    for days in range(1, _LONGEST):
        day = midnight.date() - timedelta(days=days)
        if day.weekday() < _SATURDAY and not _is_holiday(day, calendars):
            return midnight.replace(year=day.year, month=day.month, day=day.day)
    return midnight - timedelta(days=1)


def _calendars(windows: Iterable[Quiet]) -> set[Holidays]:
    found = (getattr(rule, "days", None) for quiet in windows for rule in quiet.rules)
    return {days for days in found if isinstance(days, Holidays)}


def _is_holiday(day: date, calendars: Iterable[Holidays]) -> bool:
    return any(each.has(day) for each in calendars)
