"""How many processes there are, which of them match, and how new the newest is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Final

import sqlalchemy as sa

from process_manager.inspection import masking
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store import filters, queries
from process_manager.store.filters import Filter

BATCH: Final = 1000
"""Processes that are looked at together, where what is masked of them must be known."""


def matching(
    connection: sa.Connection, which: Filter, *, most: int | None = None, viewer: Viewer = CONSOLE
) -> list[int]:
    """List the ids of the processes that match.

    Args:
        connection: A connection in any transaction.
        which: Which processes.
        most: How many, at most; None for all.
        viewer: Who asks.

    Returns:
        The ids, the oldest first.
    """
    seen = replace(which, kinds=viewer.kinds)
    if which.error is not None:
        return list(islice(_findable(connection, seen, which.error, viewer), most))
    return filters.matching(connection, seen) if most is None else filters.oldest(connection, seen, limit=most)


def _findable(connection: sa.Connection, which: Filter, text: str, viewer: Viewer) -> Iterator[int]:
    """Yield the processes that match and whose error holds the text where it is shown, the oldest first."""
    above = 0
    while batch := tuple(filters.oldest(connection, which, above=above, limit=BATCH)):
        shields = masking.shields_of(connection, batch, viewer)
        yield from masking.findable(connection, batch, text, shields)
        above = batch[-1]


def count(connection: sa.Connection, which: Filter, *, viewer: Viewer = CONSOLE) -> int:
    """Count the processes that match.

    Args:
        connection: A connection in any transaction.
        which: Which processes.
        viewer: Who asks.

    Returns:
        How many there are.
    """
    if which.error is not None:
        return sum(1 for _ in _findable(connection, replace(which, kinds=viewer.kinds), which.error, viewer))
    return filters.count(connection, replace(which, kinds=viewer.kinds))


def counts(connection: sa.Connection, *, viewer: Viewer = CONSOLE) -> dict[tuple[str, int], dict[str, int]]:
    """Count the processes by name, version and status.

    Args:
        connection: A connection in any transaction.
        viewer: Who asks.

    Returns:
        By name and version, how many processes stand in each status.
    """
    found: dict[tuple[str, int], dict[str, int]] = {}
    for row in queries.counts(connection, kinds=viewer.kinds):
        found.setdefault((row["name"], row["version"]), {})[row["status"]] = row["count"]
    return found


def newest_moment(connection: sa.Connection, *, viewer: Viewer = CONSOLE) -> datetime | None:
    """Return when the newest process was started.

    Args:
        connection: A connection in any transaction.
        viewer: Who asks.

    Returns:
        The moment, or None where there is no process.
    """
    return queries.newest_moment(connection, kinds=viewer.kinds)
