"""How many processes there are, which of them match, and how new the newest is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store import filters, queries
from process_manager.store.filters import Filter


def matching(connection: sa.Connection, which: Filter, *, viewer: Viewer = CONSOLE) -> list[int]:
    """List the ids of all processes that match.

    Args:
        connection: A connection in any transaction.
        which: Which processes.
        viewer: Who asks.

    Returns:
        The ids, the oldest first.
    """
    return filters.matching(connection, replace(which, kinds=viewer.kinds))


def count(connection: sa.Connection, which: Filter, *, viewer: Viewer = CONSOLE) -> int:
    """Count the processes that match.

    Args:
        connection: A connection in any transaction.
        which: Which processes.
        viewer: Who asks.

    Returns:
        How many there are.
    """
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
