"""Moments and stretches of time as a page tells them: on the reader's clock, with two units at most."""

from __future__ import annotations

import zoneinfo
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from process_manager.message import Message

DAYS: Final = (
    Message("Mon"),
    Message("Tue"),
    Message("Wed"),
    Message("Thu"),
    Message("Fri"),
    Message("Sat"),
    Message("Sun"),
)
MONTHS: Final = (
    Message("Jan"),
    Message("Feb"),
    Message("Mar"),
    Message("Apr"),
    Message("May"),
    Message("Jun"),
    Message("Jul"),
    Message("Aug"),
    Message("Sep"),
    Message("Oct"),
    Message("Nov"),
    Message("Dec"),
)
_NEAR: Final = {0: Message("today"), 1: Message("tomorrow"), -1: Message("yesterday")}
_MINUTE, _TEN_MINUTES, _HOUR, _DAY = 60, 600, 3600, 86400
_WEEK: Final = 6
"""Days within which a weekday names one day only."""


def local(moment: datetime, zone: str | None) -> datetime:
    """Return the moment on the clock of a zone; without one, and at the ends of time, in UTC."""
    if zone is not None:
        with suppress(OverflowError, ValueError):
            return moment.astimezone(zoneinfo.ZoneInfo(zone))
    return moment.astimezone(UTC)


def day(moment: datetime, now: datetime, zone: str | None) -> Message:
    """Return the day of a moment as people say it: `today`, `Fri`, `Fri 27 Nov`, `Fri 27 Nov 2025`."""
    then, today = local(moment, zone), local(now, zone)
    apart = (then.date() - today.date()).days
    if apart in _NEAR:
        return _NEAR[apart]
    weekday, month = DAYS[then.weekday()], MONTHS[then.month - 1]
    if abs(apart) <= _WEEK:
        return weekday
    if then.year == today.year:
        return date_of(moment, zone)
    return Message("%(weekday)s %(day)s %(month)s %(year)s", weekday=weekday, day=then.day, month=month, year=then.year)


def date_of(moment: datetime, zone: str | None) -> Message:
    """Return the day of a moment by its date: `Fri 27 Nov`."""
    then = local(moment, zone)
    weekday, month = DAYS[then.weekday()], MONTHS[then.month - 1]
    return Message("%(weekday)s %(day)s %(month)s", weekday=weekday, day=then.day, month=month)


def at(moment: datetime, now: datetime, zone: str | None) -> Message:
    """Return a moment for a row: `today 07:47`, `Fri 21:13`, `Fri 27 Nov 12:58`."""
    return Message("%(day)s %(time)s", day=day(moment, now, zone), time=clock(moment, zone))


def said(moment: datetime, now: datetime, zone: str | None) -> Message:
    """Return a moment for a sentence: `today at 07:47`, `Fri 27 Nov at 12:58`."""
    return Message("%(day)s at %(time)s", day=day(moment, now, zone), time=clock(moment, zone))


def until(moment: datetime, now: datetime, zone: str | None) -> Message:
    """Return a moment that comes, for a sentence: `14:38`, `06:00 tomorrow`, `Tue 08:00`."""
    on, then = day(moment, now, zone), local(moment, zone)
    if on is _NEAR[0]:
        return Message("%(sharp)s:%(minute)s", sharp=f"{then:%H}", minute=f"{then:%M}")  # o'clock, where one says so
    if on is _NEAR[1]:
        return Message("%(time)s tomorrow", time=clock(moment, zone))
    return at(moment, now, zone)


def clock(moment: datetime, zone: str | None) -> Message:
    """Return the hour and minute of a moment."""
    then = local(moment, zone)
    return Message("%(hour)s:%(minute)s", hour=f"{then:%H}", minute=f"{then:%M}")


def to_the_second(moment: datetime, zone: str | None) -> Message:
    """Return the hour, minute and second of a moment."""
    then = local(moment, zone)
    return Message("%(hour)s:%(minute)s:%(second)s", hour=f"{then:%H}", minute=f"{then:%M}", second=f"{then:%S}")


def full(moment: datetime, zone: str | None) -> str:
    """Return a moment in full with the name of its zone, for whoever points at it."""
    return f"{local(moment, zone):%Y-%m-%d %H:%M:%S} ({zone or 'UTC'})"


def lasting(stretch: timedelta) -> Message:
    """Return how long something lasts in its two largest units: `3 d 1 h`, `41 min`, `0.8 s`."""
    seconds = max(stretch.total_seconds(), 0.0)
    if seconds < 10 and seconds != int(seconds):
        whole, _, tenths = f"{seconds:.1f}".partition(".")
        return Message("%(seconds)s.%(tenths)s s", seconds=whole, tenths=tenths)
    if seconds < _MINUTE:
        return Message("%(seconds)s s", seconds=int(seconds))
    if seconds < _HOUR:
        minutes, left = divmod(int(seconds), _MINUTE)
        if not left or seconds >= _TEN_MINUTES:
            return Message("%(minutes)s min", minutes=minutes)
        return Message("%(minutes)s min %(seconds)s s", minutes=minutes, seconds=left)
    return _hours(int(seconds) // _MINUTE)


def _hours(minutes: int) -> Message:
    """Return how long an hour or more lasts."""
    (days, left), spare = divmod(minutes // 60, 24), minutes % 60
    if days:
        return Message("%(days)s d %(hours)s h", days=days, hours=left) if left else Message("%(days)s d", days=days)
    return (
        Message("%(hours)s h %(minutes)s min", hours=left, minutes=spare)
        if spare
        else Message("%(hours)s h", hours=left)
    )
