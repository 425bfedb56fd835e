"""Wall times as instants: a clock that is set forward skips times; one that is set back shows them twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from process_manager.errors import IllegalValue

_SECOND = timedelta(seconds=1)


def begins(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant when the clock first shows a time; the end of the gap for a time that it skips."""
    return _instant(wall, zone, fold=0)


def ends(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant when the clock last shows a time; the end of the gap for a time that it skips."""
    return _instant(wall, zone, fold=1)


def is_skipped(wall: datetime, zone: ZoneInfo) -> bool:
    """Return whether the clock is set forward over this time, and never shows it."""
    return _offset(wall.replace(fold=1), zone) > _offset(wall, zone)


def is_doubled(wall: datetime, zone: ZoneInfo) -> bool:
    """Return whether the clock is set back over this time, and shows it twice."""
    return _offset(wall.replace(fold=1), zone) < _offset(wall, zone)


def zone_named(name: str) -> ZoneInfo:
    """Return the zone of an IANA name; raise IllegalValue."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # OSError: the name of a folder of zones, such as Europe
        raise IllegalValue(
            what="Time zone", value=name, problem="is not known", hint="Give an IANA name, such as Europe/Copenhagen."
        ) from None


def _instant(wall: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    first, last = _offset(wall, zone), _offset(wall.replace(fold=1), zone)
    if last > first:  # only of a skipped time does the later reading stand further from UTC
        return _end_of_gap(wall - last, wall - first, zone)
    return (wall - (last if fold else first)).replace(tzinfo=UTC)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the first second after `before` on which the clock has been set forward, as it has at `after`."""
    old = _offset_at(before, zone)
    low, high = 0, (after - before) // _SECOND
    while low < high:
        middle = (low + high) // 2
        if _offset_at(before + middle * _SECOND, zone) == old:
            low = middle + 1
        else:
            high = middle
    return (before + low * _SECOND).replace(tzinfo=UTC)


def _offset(wall: datetime, zone: ZoneInfo) -> timedelta:
    return zone.utcoffset(wall) or timedelta()


def _offset_at(utc: datetime, zone: ZoneInfo) -> timedelta:
    return utc.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta()
