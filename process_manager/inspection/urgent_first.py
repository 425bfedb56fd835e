"""Processes as a list shows them: the most urgent first and of equal ones the oldest, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import sqlalchemy as sa

from process_manager.inspection import masking, processes
from process_manager.inspection.processes import Overview
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store import urgency
from process_manager.store.filters import Filter
from process_manager.store.urgency import Place, Reach


class Placed(NamedTuple):
    """A process, and where it stands in the order."""

    place: Place
    process: Overview


@dataclass(frozen=True, slots=True)
class Stretch:
    """Processes that follow each other in the order.

    Attributes:
        placed: The processes.
        is_crowded: Whether so many of them move by themselves that of those the newest come first.
    """

    placed: list[Placed]
    is_crowded: bool


def urgent_first(
    connection: sa.Connection, which: Filter, reach: Reach, *, limit: int, viewer: Viewer = CONSOLE
) -> Stretch:
    """List the processes that match, those nearest to the place of the reach first.

    Args:
        connection: A connection in any transaction.
        which: Which processes.
        reach: Where in the order.
        limit: How many, at most.
        viewer: Who asks.

    Returns:
        The processes, from the place onwards, or back from it.
    """
    which = replace(which, kinds=viewer.kinds)
    found: list[Placed] = []
    while True:
        places = urgency.places(connection, which, reach, limit=limit)
        found += _read(connection, which, places.found, viewer)
        if len(places.found) < limit or len(found) >= limit:
            return Stretch(found[:limit], places.is_crowded)
        reach = replace(reach, place=places.found[-1])


def _read(connection: sa.Connection, which: Filter, places: list[Place], viewer: Viewer) -> list[Placed]:
    """Return the processes at these places, but none whose error is searched for in what is masked."""
    if not places:
        return []
    ids = [each.id for each in places]
    some, shields = processes.read(connection, Filter(ids=tuple(ids)), len(ids), viewer)
    if which.error is not None and shields:
        findable = set(masking.findable(connection, [each.id for each in some], which.error, shields))
        some = [each for each in some if each.id in findable]
    known = {each.id: each for each in some}
    return [Placed(place, known[place.id]) for place in places if place.id in known]
