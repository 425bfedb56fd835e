"""Moments and stretches of time as a page tells them: on the reader's clock, with two units at most."""

from __future__ import annotations

import zoneinfo
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_UNITS: Final = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
_TEN_MINUTES, _HOUR = 600, 3600
_WEEK: Final = 6
"""Days within which a weekday names one day only."""


def local(moment: datetime, zone: str | None) -> datetime:
    """Return the moment on the clock of a zone; without one, and at the ends of time, in UTC."""
    if zone is not None:
        with suppress(OverflowError, ValueError):
            return moment.astimezone(zoneinfo.ZoneInfo(zone))
    return moment.astimezone(UTC)


def day(moment: datetime, now: datetime, zone: str | None) -> str:
    """Return the day of a moment as people say it: `today`, `Fri`, `Fri 27 Nov`, `Fri 27 Nov 2025`."""
    then, today = local(moment, zone), local(now, zone)
    apart = (then.date() - today.date()).days
    named = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(apart)
    if named is not None:
        return named
    weekday = DAYS[then.weekday()]
    if abs(apart) <= _WEEK:
        return weekday
    full = f"{weekday} {then.day} {MONTHS[then.month - 1]}"
    return full if then.year == today.year else f"{full} {then.year}"


def at(moment: datetime, now: datetime, zone: str | None) -> str:
    """Return a moment for a row: `today 07:47`, `Fri 21:13`, `Fri 27 Nov 12:58`."""
    return f"{day(moment, now, zone)} {clock(moment, zone)}"


def until(moment: datetime, now: datetime, zone: str | None) -> str:
    """Return a moment that comes, for a sentence: `14:38`, `06:00 tomorrow`, `Tue 08:00`."""
    word = day(moment, now, zone)
    if word == "today":
        return clock(moment, zone)
    return f"{clock(moment, zone)} tomorrow" if word == "tomorrow" else f"{word} {clock(moment, zone)}"


def clock(moment: datetime, zone: str | None) -> str:
    """Return the hour and minute of a moment."""
    return f"{local(moment, zone):%H:%M}"


def to_the_second(moment: datetime, zone: str | None) -> str:
    """Return the hour, minute and second of a moment."""
    return f"{local(moment, zone):%H:%M:%S}"


def full(moment: datetime, zone: str | None) -> str:
    """Return a moment in full with the name of its zone, for whoever points at it."""
    return f"{local(moment, zone):%Y-%m-%d %H:%M:%S} ({zone or 'UTC'})"


def lasting(stretch: timedelta) -> str:
    """Return how long something lasts in its two largest units: `3 d 1 h`, `41 min`, `0.8 s`."""
    seconds = max(stretch.total_seconds(), 0.0)
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f} s"
    left, words = int(seconds), []
    for name, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {name}")
        elif words:
            break
    return " ".join(words[: 1 if seconds >= _TEN_MINUTES and seconds < _HOUR else 2]) or "0 s"
