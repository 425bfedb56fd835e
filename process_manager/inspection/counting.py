"""How many processes there are, which of them match, and how new the newest is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from process_manager.inspection import masking
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store import filters, queries
from process_manager.store.filters import Filter

BATCH: Final = 1000
"""Processes that are looked at together, where what is masked of them must be known."""


def matching(connection: sa.Connection, which: Filter, *, viewer: Viewer = CONSOLE) -> list[int]:
    """List the ids of all processes that match.

    Args:
        connection: A connection in any transaction.
        which: Which processes.
        viewer: Who asks.

    Returns:
        The ids, the oldest first.
    """
    ids = filters.matching(connection, replace(which, kinds=viewer.kinds))
    return ids if which.error is None else _findable(connection, ids, which.error, viewer)


def _findable(connection: sa.Connection, ids: Sequence[int], text: str, viewer: Viewer) -> list[int]:
    """Return those of these processes whose error holds the text where it is shown."""
    found: list[int] = []
    for first in range(0, len(ids), BATCH):
        batch = tuple(ids[first : first + BATCH])
        shields = masking.shields_of(connection, batch, viewer)
        found += masking.findable(connection, batch, text, shields)
    return found


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
        return len(matching(connection, which, viewer=viewer))
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
