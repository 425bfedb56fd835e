"""What decides when a process runs, besides its own row: the moment, switches, quiet windows, workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from process_manager.gates.gate import Gates
from process_manager.gates.quiet import Quiet
from process_manager.inspection.fleet import living
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store.workers import Known, Registered

ALIVE: Final = timedelta(hours=1)
"""The longest lease there is: a worker that was not seen for so long is gone."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What decides when a process runs, besides its own row."""

    now: datetime
    gates: Gates
    quiet: Mapping[tuple[str, int], Quiet]
    workers: Sequence[Registered]
    here: Sequence[Known] | None = None  # what this host knows; None where that could not be looked up
    alive: timedelta = ALIVE  # how long ago a worker may have been seen and still counts as living
    silent: Sequence[Registered] = ()  # those that were seen before that, as far as they were asked for
    zone: str | None = None  # the reader's, in which moments are told; None for UTC


def look_around(  # noqa: PLR0913 - all but three by name: who lives, who fell silent, and who asks
    connection: sa.Connection,
    gates: Gates,
    quiet: Mapping[tuple[str, int], Quiet],
    *,
    now: datetime,
    alive: timedelta = ALIVE,
    silent_for: timedelta | None = None,
    viewer: Viewer = CONSOLE,
) -> Surroundings:
    """Return what surrounds every process now.

    Args:
        connection: A connection in any transaction.
        gates: The switches, as they stand now.
        quiet: The quiet windows, by name and version of the process.
        now: The present moment.
        alive: How long ago a worker may have been seen and still counts as living; a lease is a good measure.
        silent_for: How long ago a worker may have been seen and is still told of, as one that fell silent; None tells
            of none.
        viewer: Who asks.

    Returns:
        What `explain` needs besides the process.
    """
    seen = living(connection, now=now, within=max(alive, silent_for or alive), viewer=viewer)
    workers = [each for each in seen if each.seen_at >= now - alive]
    silent = [each for each in seen if each.seen_at < now - alive]
    return Surroundings(now, gates, quiet, workers, alive=alive, silent=silent)
