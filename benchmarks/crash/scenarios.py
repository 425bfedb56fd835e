"""Every proof by its name, with its sizes and the databases that it concerns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from benchmarks.crash import dedup, drained, killed, stalled
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
    "stalls": Scenario(stalled.stalls, stalled.FULL, stalled.SHORT),
    "starts": Scenario(dedup.starts, dedup.FULL, dedup.SHORT),
    "drain": Scenario(drained.drain, drained.FULL, drained.SHORT),
}
DEFAULT: Final = tuple(SCENARIOS)
