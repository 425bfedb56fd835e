"""What keeps a process from starting now: switches and quiet windows. The same code decides and explains."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from process_manager.errors import IllegalValue
from process_manager.gates.quiet import Quiet

KEY: Final = re.compile(r"[a-z0-9_-]{1,64}")
EVERYTHING: Final = "all-commands"
"""The key of the switch that disables everything; its file is `all-commands.disabled`."""
ENGINE: Final = "process-manager"
"""The same, by the name that operators know it by: `process-manager.disabled`."""
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)


@dataclass(frozen=True, slots=True)
class Switch:
    """A key that is disabled: a process name, a command with its argument, a channel, or everything."""

    key: str
    reason: str
    by: str
    since: datetime
    until: datetime | None = None
    where: str = "database"

    def holds(self, now: datetime) -> bool:
        """Whether it is still thrown."""
        return self.until is None or now < self.until

    def __str__(self) -> str:
        until = "" if self.until is None else f" until {self.until:%Y-%m-%d %H:%M} UTC"
        return f"{self.key!r} is disabled by {self.by} ({self.where}){until}: {self.reason or 'no reason given'}"


@dataclass(frozen=True, slots=True)
class Closed:
    """Why nothing starts behind a gate, and until when; None when nobody knows."""

    gate: str
    reason: str
    until: datetime | None


class Place(NamedTuple):
    """What of a process the gates look at."""

    name: str
    channel: str | None = None
    key: str | None = None  # of a command


@dataclass(frozen=True, slots=True)
class Gates:
    """How the gates stand, as last read."""

    switches: Mapping[str, Switch] = field(default_factory=dict)

    def closed(self, place: Place, quiet: Quiet, now: datetime) -> Closed | None:
        """The first gate that is closed to this process; None when all are open."""
        switch = self.thrown(place, now) if self.switches else None  # mostly none is thrown, and each step asks
        if switch is not None:
            return Closed("switch", str(switch), switch.until)
        until = quiet.closed_until(now)
        return None if until is None else Closed("window", f"a quiet window until {until:%Y-%m-%d %H:%M} UTC", until)

    def thrown(self, place: Place, now: datetime) -> Switch | None:
        """The first switch that disables this process; None when none does."""
        for key in (EVERYTHING, ENGINE, place.name, place.key, place.channel):
            switch = self.switches.get(key) if key is not None else None
            if switch is not None and switch.holds(now):
                return switch
        return None


def checked_key(key: str) -> str:
    """The key, if it is one; IllegalValue if it could not be a file's name on every system."""
    if not KEY.fullmatch(key):
        raise IllegalValue(what="Key", value=key[:70], problem="is not 1 to 64 of a-z, 0-9, _ and -", cure="Use them.")
    if key in _RESERVED:
        raise IllegalValue(what="Key", value=key, problem="is a device on Windows", cure="Use another.")
    return key


def merged(switches: Iterable[Switch], now: datetime) -> Mapping[str, Switch]:
    """The thrown switches by key, the first of each."""
    found: dict[str, Switch] = {}
    for switch in switches:
        if switch.holds(now):
            found.setdefault(switch.key, switch)
    return found
