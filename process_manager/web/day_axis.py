"""Days of the reader's clock side by side in a picture, in percent of its width."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from process_manager.gates.quiet import walltime


@dataclass(frozen=True, slots=True)
class DayAxis:
    """Where moments lie between the beginnings of two days, right of the names."""

    days: tuple[datetime, ...]
    left: float

    @property
    def first(self) -> datetime:
        """Where the picture begins."""
        return self.days[0]

    @property
    def last(self) -> datetime:
        """Where it ends."""
        return self.days[-1]

    @property
    def starts(self) -> tuple[tuple[float, datetime], ...]:
        """Where each day begins, and when."""
        return tuple((self.x(day), day) for day in self.days[:-1])

    def x(self, moment: datetime) -> float:
        """Return where a moment lies; what is outside lies at the end."""
        part = (moment - self.first) / (self.last - self.first)
        return round(self.left + (100 - self.left) * min(max(part, 0.0), 1.0), 2)


def day_axis(now: datetime, zone: str | None, *, days: int, left: float) -> DayAxis:
    """Return the axis of so many days, beginning with today."""
    return DayAxis(tuple(midnight(now, zone, number) for number in range(days + 1)), left)


def midnight(now: datetime, zone: str | None, days: int = 0) -> datetime:
    """Return when the reader's clock first showed the beginning of a day that is so many days from today."""
    where = zoneinfo.ZoneInfo(zone or "UTC")
    day = now.astimezone(where).date() + timedelta(days=days)
    return walltime.begins(datetime.combine(day, time()), where).astimezone(UTC)
