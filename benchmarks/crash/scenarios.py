"""Every proof by its name, with its sizes and the databases that it concerns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from benchmarks.crash import clocked, dedup, drained, killed, laned, migrated, poisoned, severed, stalled
from benchmarks.crash.places import Place
from benchmarks.crash.rows import Row

EVERY: Final = ("sqlite", "postgresql")
SERVERS: Final = ("postgresql",)


class Scenario(NamedTuple):
    """A proof, how large it is in full and in short, and where it means something."""

    prove: Callable[[Place, Any], Row]
    full: Any
    short: Any
    databases: tuple[str, ...] = EVERY


SCENARIOS: Final = {
    "sigkill": Scenario(killed.sigkill, killed.FULL, killed.SHORT),
    "server-restarts": Scenario(severed.restarts, severed.RESTARTS_FULL, severed.RESTARTS_SHORT, SERVERS),
    "swallowed-commits": Scenario(severed.swallowed, severed.SWALLOWED_FULL, severed.SWALLOWED_SHORT, SERVERS),
    "silent-connection": Scenario(severed.silent, severed.SILENT_FULL, severed.SILENT_SHORT, SERVERS),
    "stalls": Scenario(stalled.stalls, stalled.FULL, stalled.SHORT),
    "starts": Scenario(dedup.starts, dedup.FULL, dedup.SHORT),
    "lanes": Scenario(laned.lanes, laned.FULL, laned.SHORT),
    "drain": Scenario(drained.drain, drained.FULL, drained.SHORT),
    "clocks": Scenario(clocked.clocks, clocked.FULL, clocked.SHORT, SERVERS),
    "migration": Scenario(migrated.migration, migrated.FULL, migrated.SHORT),
    "poison": Scenario(poisoned.poison, poisoned.FULL, poisoned.SHORT),
}
UNREADY: Final = {
    "poison": "it needs steps in a child of their own",
    "migration": "it needs a migration that changes nothing but an index",
}
DEFAULT: Final = tuple(name for name in SCENARIOS if name not in UNREADY)
