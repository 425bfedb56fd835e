"""One rule of quiet windows, still in wall time: days and their hours, or a span between two moments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from process_manager.errors import IllegalValue
from process_manager.gates.quiet import days as calendar_days
from process_manager.gates.quiet import hours as clock_hours
from process_manager.gates.quiet.days import Days, LastDays
from process_manager.gates.quiet.hours import DAY, WHOLE_DAY, Hours


@dataclass(frozen=True, slots=True)
class DayRule:
    """The same hours on each of some days; hours over midnight belong to the day they begin on."""

    days: Days
    hours: Hours = WHOLE_DAY

    @property
    def reach(self) -> timedelta:
        """How long after the midnight of its day a window may still last."""
        return self.hours.end

    def on(self, day: date) -> tuple[datetime, datetime] | None:
        """Return the wall times between which the rule is quiet in the window that begins on this day, if one does."""
        if not self.days.has(day):
            return None
        midnight = datetime.combine(day, time())
        return midnight + self.hours.start, midnight + self.hours.end

    def __str__(self) -> str:
        hours = "" if self.hours == WHOLE_DAY and str(self.days) else str(self.hours)
        return f"{self.days} {hours}".strip()


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch between two wall times of given dates, once."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo or self.end.tzinfo or self.start >= self.end:
            raise IllegalValue(
                what="Span",
                value=str(self),
                problem="does not lead from one wall time to a later one",
                hint="Write start..end as 2026-12-24 12:00..2026-12-27 06:00, without a zone.",
            )

    @property
    def reach(self) -> timedelta:
        """How long after the midnight of its day the window may still last."""
        return self.end - self.start + DAY

    def on(self, day: date) -> tuple[datetime, datetime] | None:
        """Return the wall times of the span, if it begins on this day."""
        return (self.start, self.end) if self.start.date() == day else None

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M}..{self.end:%Y-%m-%d %H:%M}"


Rule = DayRule | Span


def daily(hours: str) -> DayRule:
    """Return hours of every day: `daily("23:50-24:00")`."""
    return DayRule(calendar_days.EVERY_DAY, clock_hours.read(hours))


def weekly(days: str, hours: str = "") -> DayRule:
    """Return weekdays, whole or some hours of them: `weekly("mon-fri", "12:00-12:30")`."""
    return DayRule(calendar_days.weekdays(days), clock_hours.read(hours))


def on(day: str, hours: str = "") -> DayRule:
    """Return one date, or one of each year: `on("2026-12-24", "12:00-24:00")`, `on("06-05")`."""
    return DayRule(calendar_days.on_date(day), clock_hours.read(hours))


def holidays(country: str, *more: str, hours: str = "") -> DayRule:
    """Return the holidays of a country, with more categories and own dates: `holidays("DK", "optional", "05-15")`."""
    return DayRule(calendar_days.holidays(country, *more), clock_hours.read(hours))


def month_end(count: int = 1, *, hours: str = "") -> DayRule:
    """Return the last days of each month: `month_end(hours="18:00-24:00")`."""
    return DayRule(LastDays("month", count), clock_hours.read(hours))


def year_end(count: int = 1, *, hours: str = "") -> DayRule:
    """Return the last days of each year."""
    return DayRule(LastDays("year", count), clock_hours.read(hours))


def span(start: datetime, end: datetime) -> Span:
    """Return a span between two wall times: `span(datetime(2026, 12, 24, 12), datetime(2026, 12, 27, 6))`."""
    return Span(start, end)
