"""Quiet windows as instants: what rules cover in a zone, and the questions that a worker asks of them.

A window is half-open, [start, end). Where a clock is set back, it lasts from the first time that the clock shows its
start to the last time that it shows its end: nothing starts inside by either reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain, takewhile
from operator import attrgetter
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from process_manager.errors import IllegalValue
from process_manager.gates.quiet.days import Weekdays
from process_manager.gates.quiet.rules import DayRule, Rule
from process_manager.gates.quiet.walltime import begins, ends, zone_named

HORIZON: Final = timedelta(days=731)
"""How far ahead windows are looked for: two years, one of them a leap year."""

_LOOK_BACK: Final = timedelta(days=32)  # longer than any rhythm of weeks or months
_PATIENCE: Final = timedelta(days=14)  # or a step of 24 hours would wait half a year for the day that lasts 25
_LATE: Final = timedelta(minutes=1)  # a worker comes to an opening a little late: that still counts as at the opening
_LAST_DAY: Final = date.max.toordinal() - 3  # a window and its zone need room in the calendar
_LATEST: Final = datetime.max.replace(tzinfo=UTC) - HORIZON


@dataclass(frozen=True, slots=True)
class Window:
    """Hours in which no step starts: aware UTC, half-open, and the text of the rules that say so."""

    start: datetime
    end: datetime
    rule: str


class Period(NamedTuple):
    """Open hours between two windows."""

    opening: datetime
    closing: datetime

    @property
    def length(self) -> timedelta:
        return self.closing - self.opening


class _Stretch(NamedTuple):
    """Instants that share an answer: when it opens again, None while it is open."""

    start: datetime
    end: datetime
    reopens: datetime | None


@dataclass(frozen=True, slots=True)
class Quiet:
    """Rules in a zone, and whether a step may start."""

    rules: tuple[Rule, ...]
    zone: ZoneInfo
    # One slot whose tuple is replaced whole: threads may lose each other's memory, never see half of it.
    _memory: list[tuple[_Stretch, ...]] = field(default_factory=lambda: [()], init=False, repr=False, compare=False)

    def closed_until(self, at: datetime) -> datetime | None:
        """Return the end of the joined windows at a moment, None when it is open; the horizon if they never end."""
        return self._stretch(at).reopens

    def open_until(self, at: datetime) -> datetime | None:
        """Return the end of the open hours that a moment lies in; None when it is closed."""
        stretch = self._stretch(at)
        return stretch.end if stretch.reopens is None else None

    def next_window(self, after: datetime) -> Window | None:
        """Return the joined windows that cover a moment or come next; None when there are none within the horizon."""
        since = min(after, _LATEST) - _LOOK_BACK
        return next((window for window in self._joined(since, _horizon(after)) if window.end > after), None)

    def coming(self, at: datetime, *, days: int) -> list[Window]:
        """Return the windows of each rule, not joined, that touch the days from a moment on, by start."""
        until = min(at, _LATEST) + min(timedelta(days=days), HORIZON)
        return [window for window in self._windows(at, until) if window.end > at and window.start < until]

    def start_for(self, at: datetime, needed: timedelta, *, ready: datetime | None = None) -> tuple[datetime, bool]:
        """Return the earliest start from `at` on of a step that lasts so long; True: a window will overlap it.

        Where no open period within two weeks is long enough, that is an opening. `ready` is the moment since which
        the step could have run (`at` when it is not given): one that has been ready since the last opening has waited
        for it, so it starts now. Without it, a worker that never runs at an opening would put the step off for ever.
        """
        stretch = self._stretch(at)
        if stretch.reopens is None and needed <= stretch.end - at:
            return at, False
        return self._search(at, needed, ready or at)

    def __str__(self) -> str:
        return "; ".join(map(str, self.rules)) or "none"

    def _stretch(self, at: datetime) -> _Stretch:
        for stretch in self._memory[0]:
            if stretch.start <= at < stretch.end:
                return stretch
        found = self._look(at)
        self._memory[0] = (found, *self._memory[0][:3])
        return found

    def _look(self, at: datetime) -> _Stretch:
        horizon = _horizon(at)
        window = next((window for window in self._joined(at, horizon) if window.end > at), None)
        if window is None:
            return _Stretch(at, horizon, None)
        if window.start > at:
            return _Stretch(at, window.start, None)
        return _Stretch(window.start, window.end, window.end)

    def _search(self, at: datetime, needed: timedelta, ready: datetime) -> tuple[datetime, bool]:
        is_open = self.closed_until(at) is None
        periods = self._periods(at, since=min(at, _LATEST) - _LOOK_BACK if is_open else at)
        now = next(periods) if is_open else None
        late = now is not None and at - now.opening <= _LATE
        if now and late and needed <= now.length:
            return at, True
        if now and ready <= now.opening < at:
            return at, True  # it waited for this opening, and nobody came: put off again it would never run
        reopens, fitting = _first_and_fitting(periods, needed)
        if fitting:
            return fitting, False
        if now and (late or ready <= now.opening or reopens is None):
            return at, True
        return reopens or _horizon(at), True

    def _periods(self, at: datetime, *, since: datetime) -> Iterator[Period]:
        """Yield the open periods that end after a moment, as far as they lie after `since` and before the horizon."""
        opening, horizon = since, _horizon(at)
        for window in self._joined(since, horizon):
            if window.start > max(at, opening):
                yield Period(opening, window.start)
            opening = max(opening, window.end)
        if opening < horizon:
            yield Period(opening, horizon)

    def _joined(self, since: datetime, until: datetime) -> Iterator[Window]:
        return _join(self._windows(since, until))

    def _windows(self, since: datetime, until: datetime) -> Iterator[Window]:
        """Yield the windows of each rule by start: all that cover a moment between the two, and some around."""
        if not self.rules:
            return
        reach = max(rule.reach.days for rule in self.rules)
        first = max(since.toordinal() - reach - 2, 2)
        last = min(until.toordinal() + 1, _LAST_DAY)
        named = [(rule, str(rule)) for rule in self.rules]
        for number in range(first, last + 1):
            day = date.fromordinal(number)
            found = [self._window(*wall, text) for rule, text in named if (wall := rule.on(day))]
            begun = (window for window in found if window.start < window.end)  # between two skipped times is nothing
            yield from sorted(begun, key=attrgetter("start"))

    def _window(self, start: datetime, end: datetime, rule: str) -> Window:
        return Window(begins(start, self.zone), ends(end, self.zone), rule)


NONE: Final = Quiet((), ZoneInfo("UTC"))
"""No quiet windows: every moment is open."""

_ANY_WEEK: Final = datetime(2025, 1, 8, tzinfo=UTC)


def of(rules: Iterable[Rule], zone: str) -> Quiet:
    """Return the quiet windows of some rules in a zone; raise IllegalValue when they leave no hour of the week open."""
    quiet = Quiet(tuple(dict.fromkeys(rules)), zone_named(zone))
    weekly = tuple(rule for rule in quiet.rules if isinstance(rule, DayRule) and isinstance(rule.days, Weekdays))
    reopens = Quiet(weekly, quiet.zone).closed_until(_ANY_WEEK)
    if reopens is not None and reopens >= _horizon(_ANY_WEEK):
        raise IllegalValue(
            what="Quiet windows",
            value=str(quiet),
            problem="leave no hour of the week open",
            hint="Leave some hours out, such as mon-fri 08:00-16:00; to stop all work, throw a switch.",
        )
    return quiet


def _horizon(at: datetime) -> datetime:
    return min(at, _LATEST) + HORIZON


def _first_and_fitting(periods: Iterator[Period], needed: timedelta) -> tuple[datetime | None, datetime | None]:
    """Return the next opening, and the first one soon after it whose period is long enough."""
    first = next(periods, None)
    if first is None:
        return None, None
    soon = takewhile(lambda period: period.opening <= first.opening + _PATIENCE, chain([first], periods))
    return first.opening, next((period.opening for period in soon if needed <= period.length), None)


def _join(windows: Iterable[Window]) -> Iterator[Window]:
    """Yield the windows, those that touch or overlap made one."""
    joined: Window | None = None
    for window in windows:
        if joined is None:
            joined = window
        elif window.start <= joined.end:
            joined = Window(joined.start, max(joined.end, window.end), _both(joined.rule, window.rule))
        else:
            yield joined
            joined = window
    if joined is not None:
        yield joined


def _both(rules: str, rule: str) -> str:
    return rules if rule in rules.split("; ") else f"{rules}; {rule}"
