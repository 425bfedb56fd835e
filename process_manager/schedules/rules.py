"""Rules of schedules: a cron text or given moments, and the slots that they come to on a zone's clock.

The clock decides in one way everywhere: a time of day that it shows twice is taken at the first, and one that it skips
is taken once, as soon as it goes on. Where the hour is `*`, every hour that passes counts: both of the doubled ones,
and none of the skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from heapq import merge
from itertools import groupby, takewhile
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from process_manager.errors import IllegalValue
from process_manager.gates.quiet.walltime import begins, ends, is_doubled, is_skipped, zone_named
from process_manager.message import Message
from process_manager.schedules import cron
from process_manager.schedules.calendar import WorkCalendar, WorkingDays, work_calendar

_HORIZON: Final = 50
"""Years that are looked ahead: 29 February on a Monday comes within 40."""
_FALLEN: Final = 1_000
"""Days that fall away in a row before a rule is given up: of weekends and 29 February one works within 840."""

_DAY: Final = timedelta(days=1)

AT: Final = "at "
"""How a rule begins that is no cron text but moments."""

_YEARS: Final = range(1970, 9990)
_MOMENT_HINT: Final = "Write 2026-12-01T08:00, with an offset (+01:00 or Z) if it is not local."


class Slot(NamedTuple):
    """A moment at which a schedule starts its process.

    Attributes:
        at: The moment, aware UTC.
        named: The wall times of the rule that come to it: another one where clock or calendar changed it, and several
            where they brought them together.
        left_out: The days since the slot before on which it falls away, for they are no working days.
    """

    at: datetime
    named: tuple[datetime, ...]
    left_out: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class CronRule:
    """A cron text on the clock of a zone, and what becomes of days that are no working days."""

    fields: tuple[str, ...]
    zone: ZoneInfo
    working_days: WorkingDays
    calendar: WorkCalendar

    @property
    def counts_hours(self) -> bool:
        """Return whether it names every hour, and so goes by the hours that pass."""
        return self.fields[2] == "*"

    def slots(self, after: datetime) -> Iterator[Slot]:
        """Yield the slots after a moment, in order."""
        found = self._by_hours(after) if self.counts_hours else self._by_times(after)
        left_out: list[date] = []
        for at, group in groupby(found, key=lambda each: each[0]):
            named = tuple(wall for _at, wall in group)
            if at is None:
                left_out += [wall.date() for wall in named]
            elif at > after:
                yield Slot(at, named, tuple(left_out))
                left_out = []

    def _by_times(self, after: datetime) -> Iterator[tuple[datetime | None, datetime]]:
        """Yield each time of day once, as the clock first shows it."""
        for wall, named in self._shifted(_on_clock(after, self.zone)):
            yield None if wall is None else begins(wall, self.zone), named

    def _by_hours(self, after: datetime) -> Iterator[tuple[datetime | None, datetime]]:
        """Yield each time as often as the clock shows it; those of the second round come after all of the first."""
        second: list[tuple[datetime, datetime]] = []
        for wall, named in self._shifted(_first_shown(after, self.zone)):
            if wall is None:
                yield None, named
            elif is_doubled(wall, self.zone):
                yield begins(wall, self.zone), named
                second.append((ends(wall, self.zone), named))
            else:
                yield from second
                second = []
                if not is_skipped(wall, self.zone):
                    yield begins(wall, self.zone), named
        yield from second

    def _shifted(self, after: datetime) -> Iterator[tuple[datetime | None, datetime]]:
        """Yield each wall time as the calendar leaves it, and as the rule names it; None for a day that falls away."""
        if self.working_days == "next":
            return self._moved(after)
        if self.working_days == "only":
            return self._kept(after)
        return ((wall, wall) for wall in self._times(after))

    def _kept(self, after: datetime) -> Iterator[tuple[datetime | None, datetime]]:
        """Yield the times of working days; of a day that falls away the first alone, for it may have each second."""
        fallen, last = 0, after.year + _HORIZON
        since: datetime | None = after
        while since is not None and fallen < _FALLEN:
            start, since = since, None
            for wall in takewhile(lambda each: each.year <= last, self._times(start)):
                if not self.calendar.is_working(wall.date()):
                    yield None, wall
                    fallen, since = fallen + 1, _end_of(wall.date())
                    break
                yield wall, wall
                fallen = 0

    def _moved(self, after: datetime) -> Iterator[tuple[datetime | None, datetime]]:
        """Yield the times of each working day, with those of the days before it that are none."""
        days = self._days(_end_of(self.calendar.first_of_gap(after.date()) - _DAY))
        for day, group in groupby(days, key=self.calendar.working):
            begin = after.time() if day == after.date() else None
            times = [self._of_day(each, begin) for each in group]
            for named in merge(*times, key=lambda wall: (wall.time(), wall)):
                yield datetime.combine(day, named.time()), named

    def _days(self, after: datetime) -> Iterator[date]:
        """Yield the days that have times."""
        while (wall := next(self._times(after), None)) is not None:
            yield wall.date()
            after = _end_of(wall.date())

    def _of_day(self, day: date, begin: time | None) -> Iterator[datetime]:
        """Yield the times of a day, with `begin` those after it."""
        start = _end_of(day - _DAY) if begin is None else datetime.combine(day, begin)
        return takewhile(lambda wall: wall.date() == day, self._times(start))

    def _times(self, after: datetime) -> Iterator[datetime]:
        for wall in cron.times(self.fields, after):
            if wall.year > after.year + _HORIZON:
                return
            yield wall


@dataclass(frozen=True, slots=True)
class MomentsRule:
    """Given moments, each once."""

    moments: tuple[datetime, ...]
    zone: ZoneInfo

    def slots(self, after: datetime) -> Iterator[Slot]:
        """Yield the slots after a moment, in order."""
        for at in self.moments:
            if at > after:
                yield Slot(at, (_on_clock(at, self.zone),))


Rule = CronRule | MomentsRule


@lru_cache(maxsize=1024)
def parse(text: str, zone: str, *, working_days: str = "any", holidays: str = "") -> Rule:
    """Return the rule of a text in a zone; raise IllegalValue that names what is wrong and where."""
    found = zone_named(zone)
    if text.lower().startswith(AT):
        return MomentsRule(_moments(text[len(AT) :], found), found)
    fields = tuple(cron.fields(text))
    if working_days not in ("any", "next", "only"):
        raise IllegalValue(
            what="Working days", value=working_days, problem="is not known", hint="Write any, next or only."
        )
    rule = CronRule(fields, found, working_days, work_calendar(holidays))  # type: ignore[arg-type]  # it is one of them
    if working_days == "next" and rule.counts_hours:
        raise IllegalValue(
            what="Cron",
            value=text,
            problem=Message("runs every hour, which cannot move to the next working day"),
            hint="Name hours, such as 0 6 * * *, or take working days only.",
        )
    if next(rule.slots(_ANY_DAY), None) is None:
        raise IllegalValue(what="Cron", value=text, problem=Message("falls on no day"), hint="Name a day that comes.")
    return rule


def of_row(row: Mapping[Any, Any]) -> Rule:
    """Return the rule of a row of schedules; raise IllegalValue when it is understood no more."""
    return parse(row["rule"], row["zone"], working_days=row["working_days"], holidays=row["holidays"])


_ANY_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _moments(text: str, zone: ZoneInfo) -> tuple[datetime, ...]:
    found = {_moment(each.strip(), zone) for each in text.split(";") if each.strip()}
    if not found:
        raise IllegalValue(what=Message("Moments"), value=text, problem=Message("are none"), hint=_MOMENT_HINT)
    return tuple(sorted(found))


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if found.year in _YEARS:  # at the ends of time no clock could show it
            return begins(found, zone) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise IllegalValue(
        what=Message("Moment"), value=text[:50], problem=Message("is no moment"), hint=_MOMENT_HINT
    ) from None


def _end_of(day: date) -> datetime:
    """Return the last second of a day."""
    return datetime.combine(day, time(23, 59, 59))


def _on_clock(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def _first_shown(after: datetime, zone: ZoneInfo) -> datetime:
    """Return the wall time of a moment; before what the clock shows twice, while it shows that for the first time."""
    wall = _on_clock(after, zone)
    if not is_doubled(wall, zone):
        return wall
    return wall - (ends(wall, zone) - begins(wall, zone)) - timedelta(seconds=1)


def until(slots: Iterable[Slot], end: datetime) -> Iterator[Slot]:
    """Yield the slots up to a moment, that one included."""
    for slot in slots:
        if slot.at > end:
            return
        yield slot
