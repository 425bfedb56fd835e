"""How the last 24 hours went: what was started, what ended and how, hour by hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

import sqlalchemy as sa

from process_manager.inspection import moments
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.status import Status
from process_manager.store import day_numbers as store

HOURS: Final = 24
MOST: Final = 10_000
"""More processes than these, the newest, are not counted."""


@dataclass(frozen=True, slots=True)
class Hourly:
    """A number of things, and how many of them there were in each hour, the oldest first."""

    total: int
    by_hour: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """The last 24 hours, as far as they show in the newest 10,000 processes.

    Attributes:
        started: What was started.
        succeeded: What ended well.
        skipped: What ended because there was nothing to do.
        rejected: What ended because it could not be.
        abandoned: What people gave up.
        stopped: What stopped until someone acts.
        took: How long half of what ended well took at most; None where nothing did.
        seconds: The same in each hour, in seconds.
        ended_today: How many ended since midnight of the reader's clock.
        is_cut: Whether there was more than was counted.
    """

    started: Hourly
    succeeded: Hourly
    skipped: Hourly
    rejected: Hourly
    abandoned: Hourly
    stopped: Hourly
    took: timedelta | None
    seconds: tuple[int, ...]
    ended_today: int
    is_cut: bool


def day(connection: sa.Connection, *, now: datetime, zone: str | None, viewer: Viewer = CONSOLE) -> Day:
    """Return how the last 24 hours went.

    Args:
        connection: A connection in any transaction.
        now: The present moment.
        zone: The zone of the reader's clock.
        viewer: Who asks.
    """
    since = now - timedelta(hours=HOURS)
    rows = store.day(connection, since=since, most=MOST, kinds=viewer.kinds)
    begun, ended = ([row for row in rows if row["what"] == what] for what in ("begun", "ended"))
    by_status: defaultdict[str, list[datetime]] = defaultdict(list)
    for row in ended:
        by_status[row["status"]].append(row["at"])
    good = [row for row in ended if row["status"] == Status.SUCCEEDED]
    midnight = moments.local(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return Day(
        started=_hourly((row["created_at"] for row in begun), now),
        succeeded=_hourly(by_status[Status.SUCCEEDED], now),
        skipped=_hourly(by_status[Status.SKIPPED], now),
        rejected=_hourly(by_status[Status.REJECTED], now),
        abandoned=_hourly(by_status[Status.ABANDONED], now),
        stopped=_hourly((row["at"] for row in begun if row["at"] is not None), now),
        took=timedelta(seconds=median(map(_took, good))) if good else None,
        seconds=_seconds(good, now),
        ended_today=sum(row["at"] >= midnight for row in ended),
        is_cut=len(begun) >= MOST or len(ended) >= MOST,
    )


def _hourly(found: Iterable[datetime], now: datetime) -> Hourly:
    hours = [0] * HOURS
    for moment in found:
        if (hour := _hour(moment, now)) is not None:
            hours[hour] += 1
    return Hourly(sum(hours), tuple(hours))


def _hour(moment: datetime, now: datetime) -> int | None:
    """Return in which of the last hours a moment lies; None for one before them."""
    ago = max(int((now - moment) / timedelta(hours=1)), 0)
    return HOURS - 1 - ago if ago < HOURS else None


def _took(row: sa.RowMapping) -> float:
    """Return how many seconds a process took."""
    lasted: timedelta = row["at"] - row["created_at"]
    return max(lasted.total_seconds(), 0.0)


def _seconds(good: Sequence[sa.RowMapping], now: datetime) -> tuple[int, ...]:
    """Return how many seconds half of what ended well took at most, hour by hour."""
    found: defaultdict[int | None, list[float]] = defaultdict(list)
    for row in good:
        found[_hour(row["at"], now)].append(_took(row))
    return tuple(int(median(found[hour])) if found[hour] else 0 for hour in range(HOURS))
