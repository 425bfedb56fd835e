"""The days that a report is about, on the clock of the office."""

from __future__ import annotations

import zoneinfo
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from process_manager.errors import UsageError
from process_manager.message import Message

LONGEST: Final = 100
"""So many days, at most: each is a part of one statement."""

DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReportDays:
    """Some days, from the first to the last.

    Attributes:
        first: The first day.
        last: The last day, which is one of them.
        zone: In which time zone days begin; None for UTC.
    """

    first: date
    last: date
    zone: str | None

    @property
    def days(self) -> list[date]:
        """Each day."""
        return [self.first + DAY * number for number in range((self.last - self.first).days + 1)]

    @property
    def stretches(self) -> list[tuple[datetime, datetime]]:
        """When each of them begins and ends."""
        return [(self._begins(day), self._begins(day + DAY)) for day in self.days]

    @property
    def stretch(self) -> tuple[datetime, datetime]:
        """When the first begins, and the last ends."""
        return self._begins(self.first), self._begins(self.last + DAY)

    @property
    def is_month(self) -> bool:
        """Whether these are the days of a month."""
        return self == month(self.first, self.zone)

    @property
    def before(self) -> ReportDays:
        """The month before a month, and as many days before other days."""
        end = self.first - DAY
        return month(end, self.zone) if self.is_month else ReportDays(end - (self.last - self.first), end, self.zone)

    def place(self, moment: datetime) -> int:
        """Return which of the days a moment is in, counted from 0."""
        return (moment.astimezone(_clock(self.zone)).date() - self.first).days

    def _begins(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=_clock(self.zone)).astimezone(UTC)


def period(first: date, last: date, zone: str | None) -> ReportDays:
    """Return these days; raise UsageError when they are none, or more than are told."""
    if last < first:
        raise UsageError(
            problem=Message(
                "The report would end on %(last)s, before it begins on %(first)s. Turn them round.",
                last=last,
                first=first,
            )
        )
    if not date.min + DAY * LONGEST < first <= last < date.max - DAY * LONGEST:
        raise UsageError(
            problem=Message("The days from %(first)s to %(last)s are past the end of time.", first=first, last=last)
        )
    if (last - first).days >= LONGEST:
        raise UsageError(
            problem=Message(
                "A report has at most %(most)s days. Ask for fewer, or for one after the other.", most=LONGEST
            )
        )
    return ReportDays(first, last, zone)


def month(day: date, zone: str | None) -> ReportDays:
    """Return the month of a day."""
    return ReportDays(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]), zone)


def today(now: datetime, zone: str | None) -> date:
    """Return the day of a moment."""
    return now.astimezone(_clock(zone)).date()


def _clock(zone: str | None) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(zone or "UTC")
