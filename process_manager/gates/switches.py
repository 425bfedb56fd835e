"""Switches: a process name, a command, a channel or everything, disabled by a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from process_manager import time_zone
from process_manager.errors import IllegalValue
from process_manager.message import Message

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
        """Return whether it is still thrown."""
        return self.until is None or now < self.until

    def told(self, zone: str | None) -> str:
        """Return who disabled what and why, with its end on the clock of a zone; without one in UTC."""
        facts = {
            "key": repr(self.key),
            "who": self.by,
            "where": self.where,
            "reason": self.reason or Message("no reason given"),
        }
        if self.until is None:
            return Message("%(key)s is disabled by %(who)s (%(where)s): %(reason)s", **facts)
        until = time_zone.told(self.until, zone, time_zone.TO_THE_MINUTE)
        return Message("%(key)s is disabled by %(who)s (%(where)s) until %(until)s: %(reason)s", **facts, until=until)

    def __str__(self) -> str:
        return self.told(None)


def checked_key(key: str) -> str:
    """Return the key; raise IllegalValue if it could not be a file's name on every system."""
    if not KEY.fullmatch(key):
        raise IllegalValue(
            what=Message("Key"),
            value=key[:70],
            problem=Message("is not 1 to 64 of a-z, 0-9, _ and -"),
            hint="Use them.",
        )
    if key in _RESERVED:
        raise IllegalValue(
            what=Message("Key"), value=key, problem=Message("is a device on Windows"), hint="Use another."
        )
    return key


def merged(switches: Iterable[Switch], now: datetime) -> Mapping[str, Switch]:
    """Return the thrown switches by key, the first of each."""
    found: dict[str, Switch] = {}
    for switch in switches:
        if switch.holds(now):
            found.setdefault(switch.key, switch)
    return found
