"""The gates that keep a process from starting now: switches and quiet windows. The same code decides and explains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from process_manager import time_zone
from process_manager.gates.quiet import Quiet
from process_manager.gates.switches import ENGINE, EVERYTHING, Switch
from process_manager.message import Message


@dataclass(frozen=True, slots=True)
class Closed:
    """A gate behind which nothing starts: a switch or else a quiet window, and until when; None when nobody knows."""

    until: datetime | None
    switch: Switch | None = None

    def reason(self, zone: str | None = None) -> str:
        """Return why nothing starts, as a clause with its moment on the clock of a zone; without one in UTC."""
        if self.switch is not None:
            return self.switch.told(zone)
        if self.until is None:
            return Message("a quiet window lasts")
        return Message("a quiet window lasts until %(until)s", until=_told(self.until, zone))


def _told(until: datetime, zone: str | None) -> str:
    return time_zone.told(until, zone, time_zone.TO_THE_MINUTE)


class GateSubject(NamedTuple):
    """What of a process the gates look at."""

    name: str
    channel: str | None = None
    key: str | None = None  # of a command


@dataclass(frozen=True, slots=True)
class Gates:
    """How the gates stand, as last read."""

    switches: Mapping[str, Switch] = field(default_factory=dict)

    def closed(self, place: GateSubject, quiet: Quiet, now: datetime) -> Closed | None:
        """Return the first gate that is closed to this process; None when all are open."""
        switch = self.thrown(place, now) if self.switches else None  # mostly none is thrown, and each step asks
        if switch is not None:
            return Closed(switch.until, switch)
        until = quiet.closed_until(now)
        return None if until is None else Closed(until)

    def thrown(self, place: GateSubject, now: datetime) -> Switch | None:
        """Return the first switch that disables this process; None when none does."""
        for key in (EVERYTHING, ENGINE, place.name, place.key, place.channel):
            switch = self.switches.get(key) if key is not None else None
            if switch is not None and switch.holds(now):
                return switch
        return None
