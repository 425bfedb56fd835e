"""Moments and durations as people read them: today 07:47, Fri 21:13, 27 Nov 12:58."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from markupsafe import Markup

from process_manager.web.catalogue import Texts

WEEK: Final = timedelta(days=6)


class Calendar:
    """The reader's clock: their zone, their language, and the present moment."""

    def __init__(self, zone: str | None, texts: Texts, now: datetime) -> None:
        self.zone: tzinfo = UTC if zone is None else zoneinfo.ZoneInfo(zone)
        self.now = now.astimezone(self.zone)
        self._texts = texts

    def moment(self, moment: datetime) -> Markup:
        """Return a moment for a page, with the whole of it where the reader points at it."""
        local = moment.astimezone(self.zone)
        whole = f"{local:%Y-%m-%d %H:%M:%S %Z}"
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            local.isoformat(timespec="seconds"), whole, self.told(moment)
        )

    def told(self, moment: datetime) -> str:
        """Return a moment in words: a day that is near by its name, the year only when it is another."""
        local = moment.astimezone(self.zone)
        days = (local.date() - self.now.date()).days
        say, clock = self._texts.say, f"{local:%H:%M}"
        near = {-1: "yesterday %(time)s", 0: "today %(time)s", 1: "tomorrow %(time)s"}
        if days in near:
            return say(near[days], time=clock)
        weekday = say(WEEKDAYS[local.weekday()])
        if abs(days) <= WEEK.days:
            return say("%(weekday)s %(time)s", weekday=weekday, time=clock)
        facts = {"weekday": weekday, "day": local.day, "month": say(MONTHS[local.month - 1])}
        if local.year == self.now.year:
            return say("%(weekday)s %(day)s %(month)s %(time)s", **facts, time=clock)
        return say("%(day)s %(month)s %(year)s %(time)s", **facts, year=local.year, time=clock)


WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
