"""Spans of time as people give them to each other: `3 workdays`, `4h`, `2d`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final, NamedTuple

from process_manager import durations
from process_manager.errors import IllegalValue

_WORKDAYS: Final = re.compile(r"([0-9]{1,4}) ?workdays?")
_MOST: Final = 366
"""Working days: more are no span that somebody waits for."""
_LONGEST: Final = timedelta(days=3660)
_HINT: Final = 'Write "3 workdays", "1 workday", a duration such as "4h" or "2d", or give a timedelta.'


class TimeSpan(NamedTuple):
    """Working days, or a duration."""

    workdays: int
    duration: timedelta

    def __str__(self) -> str:
        if not self.workdays:
            return durations.format(self.duration)
        return "1 workday" if self.workdays == 1 else f"{self.workdays} workdays"


def span(given: str | timedelta, what: str) -> TimeSpan:
    """Return the span of a text or a duration; raise IllegalValue, which names `what`, when it is none or too long."""
    found = _found(given, what)
    if found.workdays > _MOST or not timedelta() <= found.duration <= _LONGEST or found == TimeSpan(0, timedelta()):
        raise IllegalValue(what=what, value=str(given)[:50], problem="is no time at all, or too long", hint=_HINT)
    return found


def _found(given: object, what: str) -> TimeSpan:
    if isinstance(given, timedelta):
        return TimeSpan(0, given)
    if isinstance(given, str):
        days = _WORKDAYS.fullmatch(given.strip().lower())
        try:
            return TimeSpan(0, durations.parse(given)) if days is None else TimeSpan(int(days[1]), timedelta())
        except IllegalValue:
            pass
    raise IllegalValue(what=what, value=str(given)[:50], problem="is no span of time", hint=_HINT)
