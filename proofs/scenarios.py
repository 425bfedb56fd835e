"""Every proof by its name, with its sizes and the databases that it concerns."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from benchmarks.celery_programs import missing_broker
from benchmarks.pooler import missing_pgbouncer
from proofs import (
    celery_fleet,
    clocked,
    commits,
    dedup,
    drained,
    evented,
    familial,
    held,
    killed,
    laned,
    migrated,
    people,
    places,
    poisoned,
    positioned,
    remade,
    scheduled,
    seated,
    severed,
    stalled,
    weather,
)
from proofs.places import Place
from proofs.rows import Row

MAIN: Final = ("sqlite", "postgresql")
EVERY: Final = places.STARTED
SERVERS: Final = ("postgresql",)


class Scenario(NamedTuple):
    """A proof, how large it is in full and in short, and where it means something."""

    prove: Callable[[Place, Any], Row]
    full: Any
    short: Any
    databases: tuple[str, ...] = MAIN
    by_signals: bool = False  # told by SIGSTOP or SIGTERM, which Windows does not have
    needs: Callable[[], str | None] = lambda: None  # what to install for it; None when it is there

    @property
    def suits_lent(self) -> bool:
        """Whether it needs no server that can be killed, cut off or set up anew."""
        return self.databases != SERVERS

    def missing(self, database: str) -> str | None:
        """Why it cannot be shown here on this kind of database; None when it can."""
        if self.by_signals and sys.platform == "win32":
            return "It needs signals that Windows does not have."
        return places.missing(database) or self.needs()


SCENARIOS: Final = {
    "sigkill": Scenario(killed.sigkill, killed.FULL, killed.SHORT),
    "commits": Scenario(commits.commits, commits.FULL, commits.SHORT, EVERY),
    "server-restarts": Scenario(severed.restarts, severed.RESTARTS_FULL, severed.RESTARTS_SHORT, SERVERS),
    "swallowed-commits": Scenario(severed.swallowed, severed.SWALLOWED_FULL, severed.SWALLOWED_SHORT, SERVERS),
    "silent-connection": Scenario(severed.silent, severed.SILENT_FULL, severed.SILENT_SHORT, SERVERS),
    "stalls": Scenario(stalled.stalls, stalled.FULL, stalled.SHORT, by_signals=True),
    "starts": Scenario(dedup.starts, dedup.FULL, dedup.SHORT, EVERY),
    "lanes": Scenario(laned.lanes, laned.FULL, laned.SHORT),
    "positions": Scenario(positioned.positions, positioned.FULL, positioned.SHORT),
    "seats": Scenario(seated.seats, seated.FULL, seated.SHORT, EVERY),
    "held-lane": Scenario(held.held, held.FULL, held.SHORT, ("postgresql", "mariadb")),
    "events": Scenario(evented.interleavings, evented.FULL, evented.SHORT),
    "crowd": Scenario(evented.crowd, evented.CROWD_FULL, evented.CROWD_SHORT),
    "children": Scenario(familial.children, familial.FULL, familial.SHORT),
    "people": Scenario(people.acts, people.FULL, people.SHORT, EVERY),
    "drain": Scenario(drained.drain, drained.FULL, drained.SHORT, by_signals=True),
    "clocks": Scenario(clocked.clocks, clocked.FULL, clocked.SHORT, SERVERS),
    "migration": Scenario(migrated.migration, migrated.FULL, migrated.SHORT),
    "schema-kills": Scenario(remade.schema_kills, remade.FULL, remade.SHORT, EVERY, by_signals=True),
    "weather": Scenario(weather.weather, weather.FULL, weather.SHORT, SERVERS, needs=missing_pgbouncer),
    "poison": Scenario(poisoned.poison, poisoned.FULL, poisoned.SHORT),
    "schedule-clocks": Scenario(scheduled.slots, scheduled.FROZEN_FULL, scheduled.FROZEN_SHORT),
    "schedule-kills": Scenario(scheduled.seconds, scheduled.SECONDS_FULL, scheduled.SECONDS_SHORT),
    "celery": Scenario(
        celery_fleet.celery, celery_fleet.FULL, celery_fleet.SHORT, by_signals=True, needs=missing_broker
    ),
}
DEFAULT: Final = tuple(SCENARIOS)
