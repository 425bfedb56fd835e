"""What the fleet shares: how many seats and starts there are, who has the seats, and how many wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

import sqlalchemy as sa

from process_manager import durations
from process_manager.inspection.viewer import CONSOLE, Viewer
from process_manager.lifecycle.pool import Pool, pool
from process_manager.message import Message, numbered

if TYPE_CHECKING:
    from process_manager.store.limit_queries import Holder, LimitRow

NAMED: Final = 3
"""Processes that a sentence names one by one."""


@dataclass(frozen=True, slots=True)
class SeatHolder:
    """A process that has a seat: which step it runs, since when and where."""

    process_id: int
    name: str
    step: str
    since: datetime
    worker: str | None


@dataclass(frozen=True, slots=True)
class SharedLimit:
    """A limit of seats or a rate, over all workers.

    Attributes:
        name: What people call it.
        kind: `limit` or `rate`.
        most: How many seats it has, or how many steps start in a period.
        declared: What the code says of that.
        per: The period of a rate.
        taken: How many seats are taken.
        holders: Who has them, the longest holding first, as far as whoever asks may see them.
        resting: How many processes rest for it, counted up to 10,000 over all limits.
        next_at: The moment before which no step of a rate starts.
        changed_at: When a person set the number.
        changed_by: Who that was.
    """

    name: str
    kind: Literal["limit", "rate"]
    most: int
    declared: int
    per: str | None
    taken: int
    holders: tuple[SeatHolder, ...]
    resting: int
    next_at: datetime | None
    changed_at: datetime | None
    changed_by: str | None


def shared_limits(connection: sa.Connection, *, viewer: Viewer = CONSOLE) -> list[SharedLimit]:
    """List the limits and rates that workers share.

    Args:
        connection: A connection in any transaction.
        viewer: Who asks.

    Returns:
        The limits and rates by name, each with who has its seats; none before a worker that declares one has run.
    """
    from process_manager.store import limit_queries  # here: no worker needs it

    rows = limit_queries.all_of(connection)
    if not rows:
        return []
    holders, resting = limit_queries.holders(connection), limit_queries.resting(connection)
    waiting = {name: sum(number for key, number in resting.items() if name in pool(key).names) for name in _names(rows)}
    return [_shared(row, [each for each in holders if each.limit_name == row.name], waiting, viewer) for row in rows]


def _names(rows: Iterable[LimitRow]) -> list[str]:
    return [row.name for row in rows]


def _shared(row: LimitRow, holders: Sequence[Holder], resting: Mapping[str, int], viewer: Viewer) -> SharedLimit:
    seen = (each for each in holders if viewer.kinds is None or each.name in viewer.kinds)
    return SharedLimit(
        name=row.name,
        kind="limit" if row.period is None else "rate",
        most=row.most,
        declared=row.declared,
        per=None if row.period is None else durations.format(row.period),
        taken=len(holders),
        holders=tuple(SeatHolder(*each[1:]) for each in seen),
        resting=resting[row.name],
        next_at=row.next_at,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def awaited(connection: sa.Connection, keys: Iterable[str | None], *, viewer: Viewer) -> Mapping[str | None, Message]:
    """Return what processes in these pools wait for, as a sentence goes on after "for"."""
    limits = {each.name: each for each in shared_limits(connection, viewer=viewer)}
    return {key: _awaited(pool(key or ""), limits) for key in keys}


def _awaited(its_pool: Pool, limits: Mapping[str, SharedLimit]) -> Message:
    told = [_told(limits[name]) for name in its_pool.names if name in limits]
    if not told:
        return Message("a seat of %(name)s", name=" + ".join(its_pool.names))
    return told[0] if len(told) == 1 else Message("%(one)s and %(other)s", one=told[0], other=told[1])


def _told(limit: SharedLimit) -> Message:
    facts = {"name": limit.name, "most": limit.most, "taken": limit.taken}
    if limit.kind == "rate":
        return Message("its turn at %(name)s, which lets %(most)s start in %(per)s", **facts, per=limit.per)
    if not limit.holders:
        return Message("a seat of %(name)s: %(taken)s of %(most)s taken", **facts)
    return Message("a seat of %(name)s: %(taken)s of %(most)s taken by %(whom)s", **facts, whom=_whom(limit))


def _whom(limit: SharedLimit) -> Message:
    ids = [each.process_id for each in limit.holders[:NAMED]]
    more = limit.taken - len(ids)
    listed = ", ".join(map(str, ids))
    if more:
        return numbered(
            "process %(ids)s and %(number)s other", "process %(ids)s and %(number)s others", more, ids=listed
        )
    if len(ids) == 1:
        return Message("process %(ids)s", ids=listed)
    return Message("processes %(ids)s and %(last)s", ids=", ".join(map(str, ids[:-1])), last=ids[-1])
