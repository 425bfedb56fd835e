"""Which events stand, who signalled them, and what waits for which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from process_manager import serialization
from process_manager.errors import NotFound
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.store import event_queries
from process_manager.store.event_queries import EventRow

MOST_WAITING: Final = 100
"""How many of the processes that wait for an event are named."""


@dataclass(frozen=True, slots=True)
class EventOverview:
    """An event as a person sees it.

    Attributes:
        key: What it is called.
        stands: Whether it was signalled and not withdrawn since.
        number: How often it was signalled.
        signalled_at: When that was last.
        by: Who did it.
        payload: What the signal carried; only for who sees every kind and what is personal.
        payload_size: How many characters that has as JSON.
        withdrawn_at: When that signal was withdrawn.
        withdrawn_by: Who withdrew it.
        waiting: How many processes wait for it; 1,001 are more than 1,000.
        kept_until: When it may be removed if nothing waits for it then; None where events are kept for ever.
    """

    key: str
    stands: bool
    number: int
    signalled_at: datetime | None
    by: str | None
    payload: Mapping[str, Any] | None
    payload_size: int
    withdrawn_at: datetime | None
    withdrawn_by: str | None
    waiting: int
    kept_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class EventDetail:
    """An event, and the first processes that wait for it."""

    event: EventOverview
    process_ids: tuple[int, ...]


def events(
    connection: sa.Connection,
    *,
    limit: int,
    after: str = "",
    viewer: Viewer = CONSOLE,
    keep: timedelta | None = None,
) -> list[EventOverview]:
    """List events by their keys: those that stand, stood, or are waited for.

    Args:
        connection: A connection in any transaction.
        limit: How many, at most.
        after: Only keys that come after this one: where the page before ended.
        viewer: Who asks. Who sees some kinds only has those that a process of these has waited for.
        keep: How long events are kept for which nothing waits.

    Returns:
        The events.
    """
    rows = event_queries.page(connection, after=after, limit=limit, kinds=viewer.kinds)
    return [_told(row, viewer, keep) for row in rows]


def event(
    connection: sa.Connection, key: str, *, viewer: Viewer = CONSOLE, keep: timedelta | None = None
) -> EventDetail:
    """Return an event with what waits for it.

    Args:
        connection: A connection in any transaction.
        key: What it is called.
        viewer: Who asks.
        keep: How long events are kept for which nothing waits.

    Returns:
        The event, and the first 100 processes that wait for it.

    Raises:
        NotFound: Nobody has signalled it or waited for it.
    """
    row = event_queries.one(connection, key, kinds=viewer.kinds)
    if row is None:
        raise NotFound(problem=f"Nobody has signalled the event {key!r}, and nothing waits for it.")
    ids = event_queries.waiting(connection, key, limit=MOST_WAITING, kinds=viewer.kinds)
    return EventDetail(_told(row, viewer, keep), tuple(ids))


def _told(row: EventRow, viewer: Viewer, keep: timedelta | None) -> EventOverview:
    is_told = viewer.reveals and viewer.kinds is None  # no class says what of it is personal: all of it may be
    heard_at = row.withdrawn_at or row.signalled_at
    return EventOverview(
        key=row.key,
        stands=row.stated_at is not None,
        number=row.number,
        signalled_at=row.signalled_at,
        by=row.by,
        payload=serialization.loads(row.payload) if is_told and row.payload else None,
        payload_size=len(row.payload or ""),
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=row.withdrawn_by,
        waiting=row.waiting,
        kept_until=None if keep is None or heard_at is None else heard_at + keep,
    )
