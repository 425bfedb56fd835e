"""The reader's clock, and moments on it with the whole of each where they point at it."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, tzinfo

from markupsafe import Markup

from process_manager.inspection import moments
from process_manager.web.catalogue import Texts


class Calendar:
    """The reader's clock: their zone, their language, and the present moment."""

    def __init__(self, zone: str | None, texts: Texts, now: datetime) -> None:
        self.zone: tzinfo = UTC if zone is None else zoneinfo.ZoneInfo(zone)
        self.now = now.astimezone(self.zone)
        self._zone = zone
        self._texts = texts

    def moment(self, moment: datetime) -> Markup:
        """Return a moment for a page, with the whole of it where the reader points at it."""
        local = moment.astimezone(self.zone)
        whole = f"{local:%Y-%m-%d %H:%M:%S %Z}"
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            local.isoformat(timespec="seconds"), whole, self.told(moment)
        )

    def short(self, moment: datetime) -> str:
        """Return a moment for a narrow column: the time of today, else the day with it."""
        is_today = moment.astimezone(self.zone).date() == self.now.date()
        return self._texts.say(moments.clock(moment, self._zone)) if is_today else self.told(moment)

    def day(self, moment: datetime) -> str:
        """Return the day of a moment, today and tomorrow like all others: `Mon 30 Nov`."""
        return self._texts.say(moments.date_of(moment, self._zone))

    def told(self, moment: datetime) -> str:
        """Return a moment in words: a day that is near by its name, the year only when it is another."""
        return self._texts.say(moments.at(moment, self.now, self._zone))
